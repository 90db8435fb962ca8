/**
 * Checks that no regular expression of ours takes more than linear time. Those that are in the list of checked ones are
 * not checked again, as that takes half a minute for all; `--write` writes the list anew.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { runInNewContext } from "node:vm";
import { check, type VulnerableDiagnostics } from "recheck";
import { findExpressions, type Expression } from "./expressions/find-expressions.ts";

const LIST = "scripts/expressions/checked.txt";
/** Less effort than by default: what can be proven is proven, and the rest is searched for a second or two. */
const EFFORT = {
  timeout: 60_000,
  maxIteration: 2,
  incubationTimeout: 100,
  attackTimeout: 200,
  maxInitialGenerationSize: 100,
  maxGenerationSize: 30,
};

/** What squared takes minutes, and times the hundreds of characters of a gap a fraction of a second. */
const ATTACK_LENGTH = 200_000;
const MOST_MS = 2000;

const writes = process.argv.includes("--write");
const checked = new Set(existsSync(LIST) ? readFileSync(LIST, "utf8").split("\n") : []);
const found = new Map(findExpressions().map((each) => [nameOf(each), each]));
const linear: string[] = [];
const refused: string[] = [];
for (const [name, expression] of found) {
  const fault = checked.has(name) ? undefined : await faultOf(expression);
  if (fault === undefined) linear.push(name);
  else refused.push(`${expression.place}: ${fault}\n  /${expression.source}/${expression.flags}`);
}
if (writes) writeFileSync(LIST, `${linear.toSorted().join("\n")}\n`);
if (refused.length > 0) {
  console.error(
    `${refused.join("\n")}\nWrite them so that each character can be matched in one way only, such as (?<!0)0+$ for 0+$`,
  );
}
// The checker is a program that goes on as long as this one.
process.exit(refused.length > 0 ? 1 : 0);

/** The same for the same expression, in whatever file. */
function nameOf({ source, flags }: Expression): string {
  return createHash("sha256").update(`/${source}/${flags}`).digest("hex").slice(0, 16);
}

/** What is wrong with an expression; `undefined` if it takes linear time. */
async function faultOf({ source, flags }: Expression): Promise<string | undefined> {
  // What repeats nothing, or a few times, takes linear time.
  if (!/[*+]|\{\d+,|\{\d{2,}/.test(source)) return undefined;
  const result = await check(source, flags, EFFORT);
  if (result.status === "safe") return undefined;
  if (result.status === "unknown") return `cannot be checked (${result.error.kind})`;
  if (!isSlow(source, flags, result.attack)) return undefined;
  return `takes ${result.complexity.summary} time for ${result.attack.pattern.slice(0, 200)}`;
}

/** Whether an attack succeeds: the checker also finds some that need no more than a constant times the length. */
function isSlow(source: string, flags: string, { pumps, suffix }: VulnerableDiagnostics["attack"]): boolean {
  const repeats = ATTACK_LENGTH / Math.max(1, pumps.length);
  const text =
    pumps.map(({ prefix, pump }) => prefix + pump.repeat(Math.ceil(repeats / pump.length))).join("") + suffix;
  try {
    runInNewContext("new RegExp(source, flags).test(text)", { source, flags, text }, { timeout: MOST_MS });
    return false;
  } catch {
    return true;
  }
}
