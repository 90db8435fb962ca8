/**
 * Reads damaged answers here and with json_repair (Python), and tells where both read and differ, by kind of damage.
 * Needs a Python that has json_repair: `pip install json_repair`.
 *
 *     node --conditions=@parallel-parrot/source scripts/compare-repairs.ts PYTHON [CASES] [SEED]
 */
import { spawnSync } from "node:child_process";
import { isDeepStrictEqual } from "node:util";
import { extractJson } from "../src/index.ts";
import { DAMAGES, damagedAnswer } from "../fixtures/random-answer.ts";
import { Random } from "../fixtures/random.ts";

const [python = "python3", cases = "20000", firstSeed = "1"] = process.argv.slice(2);

const PROGRAM = `
import json, sys
from json_repair import repair_json
for line in sys.stdin:
    try:
        print(json.dumps(repair_json(json.loads(line), return_objects=True, skip_json_loads=False)))
    except Exception as error:
        print(json.dumps({"json_repair failed": str(error)}))
`;

interface Tally {
  cases: number;
  /** Read as it was meant. */
  here: number;
  there: number;
  /** Read here and there: to the same, or not; and then, as it was meant. */
  agreed: number;
  differed: number;
  differedHere: number;
  differedThere: number;
  readonly examples: string[];
}

const kinds = Object.keys(DAMAGES);
const answers = Array.from({ length: Number(cases) }, (_, i) => {
  const random = new Random(Number(firstSeed) + i);
  const kind = kinds[i % kinds.length] ?? "";
  return { kind, ...damagedAnswer(random, kind) };
});
const input = answers.map(({ text }) => JSON.stringify(text)).join("\n");
const { stdout, stderr, status } = spawnSync(python, ["-c", PROGRAM], {
  input,
  encoding: "utf8",
  maxBuffer: 2 ** 30,
});
if (status !== 0) throw new Error(stderr);
const theirs = stdout
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line) as unknown);

const tallies = new Map<string, Tally>();
for (const [i, { kind, text, value }] of answers.entries()) {
  const tally = tallies.get(kind) ?? emptyTally();
  tallies.set(kind, tally);
  const json = extractJson(text);
  const isRead = "value" in json && json.others === 0;
  const isMeant = isRead && isDeepStrictEqual(json.value, value);
  const isTheirs = isDeepStrictEqual(theirs[i], value);
  tally.cases += 1;
  tally.here += Number(isMeant);
  tally.there += Number(isTheirs);
  if (!isRead) continue;
  const isAgreed = isDeepStrictEqual(json.value, theirs[i]);
  tally.agreed += Number(isAgreed);
  if (isAgreed) continue;
  tally.differed += 1;
  tally.differedHere += Number(isMeant);
  tally.differedThere += Number(isTheirs);
  if (tally.examples.length < 5 || isTheirs)
    tally.examples.push(
      `${text}\n   here  ${JSON.stringify(json.value)}\n   there ${JSON.stringify(theirs[i])}`,
    );
}

console.log(
  "kind | cases | meant here | meant there | agreed | differed | of these meant here | meant there",
);
for (const [kind, tally] of tallies) {
  const { cases, here, there, agreed, differed, differedHere, differedThere } = tally;
  console.log([kind, cases, here, there, agreed, differed, differedHere, differedThere].join(" | "));
}
for (const [kind, { examples }] of tallies)
  for (const example of examples) console.log(`\n${kind}: ${example}`);

function emptyTally(): Tally {
  return {
    cases: 0,
    here: 0,
    there: 0,
    agreed: 0,
    differed: 0,
    differedHere: 0,
    differedThere: 0,
    examples: [],
  };
}
