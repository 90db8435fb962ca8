/** Writes the tables of options into the README of the command line, from their rows; with `--check` it only tells whether they are up to date. */
import { readFileSync, writeFileSync } from "node:fs";
import { ESTIMATE_FLAGS } from "../apps/cli/src/flags/commands/estimate-flags.ts";
import { MANDATORY, type Flag, type Flags } from "../apps/cli/src/flags/flag.ts";
import { FLAG_GROUPS } from "../apps/cli/src/flags/flag-group.ts";
import { JUDGE_FLAGS } from "../apps/cli/src/flags/groups/judge-flags.ts";
import { JOB_ROWS } from "../apps/cli/src/flags/job-flags.ts";

const README = "apps/cli/README.md";
const NONE = "–";

const ROWS: readonly (readonly [name: string, row: Flag<unknown>])[] = [
  ...JOB_ROWS,
  ...Object.entries<Flag<unknown>>(JUDGE_FLAGS),
];

/** What stands between the marks of these names. */
const PARTS: Readonly<Record<string, readonly (readonly [title: string | undefined, flags: Flags])[]>> = {
  options: FLAG_GROUPS.map((group) => [
    group,
    Object.fromEntries(ROWS.filter(([, row]) => row.group === group)),
  ]),
  "estimate options": [[undefined, ESTIMATE_FLAGS]],
};

function markdownOf(parts: readonly (readonly [title: string | undefined, flags: Flags])[]): string {
  return parts
    .map(([title, flags]) => `${title === undefined ? "" : `${title}:\n\n`}${tableOf(flags)}`)
    .join("\n\n");
}

function tableOf(flags: Flags): string {
  const body = Object.values(flags).map((row) => [optionOf(row), row.readme ?? row.help, defaultOf(row)]);
  const rows = [["option", "meaning", "without it"], ...body];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const [head = [], ...others] = rows.map(line);
  return [head, line(widths.map((width) => "-".repeat(width))), ...others].join("\n");
}

/** `-o, --output <file>` → `-o, --output FILE`; the choices, where there are some. */
function optionOf({ flag, kind, negated }: Flag<unknown>): string {
  const typed = flag.replace(
    /<(.*?)>/,
    (_, name: string) => kind.choices?.join(String.raw`\|`) ?? name.toUpperCase(),
  );
  return [typed, ...(negated === undefined ? [] : [negated.flag])].map((each) => `\`${each}\``).join(", ");
}

function defaultOf({ default: usual, without, readmeDefault }: Flag<unknown>): string {
  const words = readmeDefault ?? without;
  if (words !== undefined) return words;
  if (usual === MANDATORY) return "has to be given";
  return typeof usual === "string" || typeof usual === "number" ? `\`${usual}\`` : NONE;
}

const text = readFileSync(README, "utf8");
let written = text;
for (const [name, parts] of Object.entries(PARTS)) {
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [before, rest = ""] = written.split(start);
  const after = rest.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`${README} has no ${start} … ${end}`);
  written = `${before}${start}\n\n${markdownOf(parts)}\n\n${end}${after}`;
}
if (written !== text && process.argv.includes("--check")) {
  console.error(`The tables of options in ${README} are stale; run: node scripts/option-table.ts`);
  process.exitCode = 1;
} else if (written !== text) {
  writeFileSync(README, written);
}
