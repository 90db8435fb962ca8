/**
 * Reads answers at random, whole and damaged, and looks at what comes of them: reading never throws, what is read
 * stands in the answer letter for letter, and sound JSON is read as it is. A million take about a minute.
 *
 *     node --conditions=@parallel-parrot/source scripts/fuzz-reading.ts [CASES] [SEED]
 */
import { extractJson } from "../src/index.ts";
import { findReadingFault } from "../fixtures/find-reading-fault.ts";
import { randomAnswer, randomNoise } from "../fixtures/random-answer.ts";
import { Random } from "../fixtures/random.ts";

const [cases = "1000000", firstSeed = "1"] = process.argv.slice(2);
const counts: Record<string, number> = {};
const slowest = { ms: 0, text: "" };
let faults = 0;

for (let seed = Number(firstSeed); seed < Number(firstSeed) + Number(cases); seed++) {
  const random = new Random(seed);
  const answer = random.chance(0.2)
    ? { text: randomNoise(random), value: undefined, isSound: false }
    : randomAnswer(random);
  const start = performance.now();
  const { status } = extractJson(answer.text);
  const ms = performance.now() - start;
  if (ms > slowest.ms) Object.assign(slowest, { ms, text: answer.text });
  counts[status] = (counts[status] ?? 0) + 1;
  const fault = findReadingFault(answer);
  if (fault === undefined) continue;
  faults += 1;
  if (faults <= 20) console.log(`seed ${seed}: ${fault}\n${answer.text}\n`);
}

console.log(`${cases} answers, ${faults} faults; ${JSON.stringify(counts)}`);
console.log(`slowest: ${slowest.ms.toFixed(1)} ms for ${slowest.text.length} characters`);
if (faults > 0) process.exitCode = 1;
