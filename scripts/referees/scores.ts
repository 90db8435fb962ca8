import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ColumnScore, type Score } from "../../apps/cli/src/score/column-score.ts";
import type { MeanScore } from "../../apps/cli/src/score/class-scores.ts";
import { parseJson } from "../../packages/core/src/index.ts";
import type { RunScript } from "./python.ts";

type Pairs<T> = readonly [expected: readonly T[], given: readonly T[]];

/** Numbers from 0 to 1, the same in every run (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const NAMES = ["anger", "disgust", "fear", "joy", "neutral", "sadness", "shame", "surprise"];
const random = randomOf(17);

/** Labels that are mostly right, of which some may never be given or never be right. */
const LABELS = Array.from({ length: 40 }, (_, at): Pairs<string> => {
  const names = NAMES.slice(0, 2 + (at % 7));
  const pick = (): string => names[Math.floor(random() ** 2 * names.length)] ?? "joy";
  const expected = Array.from({ length: 3 + at * 13 }, pick);
  return [expected, expected.map((label) => (random() < 0.7 ? label : pick()))];
});

/** Numbers around a large one too, whose squares have no digits left for their differences. */
const NUMBERS = Array.from({ length: 20 }, (_, at): Pairs<number> => {
  const expected = Array.from({ length: 60 + at * 11 }, () => 10 ** (at % 8) + random() * 10);
  return [expected, expected.map((number) => number + (random() - 0.4) * 4)];
});

function scoreOf([expected, given]: Pairs<string> | Pairs<number>): Score {
  const score = new ColumnScore("answer", "label");
  for (const [at, right] of expected.entries()) score.add(right, given[at]);
  return score.score;
}

function partsOf({ precision, recall, f1 }: MeanScore): readonly number[] {
  return [precision, recall, f1];
}

/** Our scores in the form in which `score.py` prints its own. */
const OURS = {
  labels: LABELS.map((pairs) => {
    const { kappa, classes } = scoreOf(pairs);
    return (
      classes && {
        kappa,
        each: classes.each.map(partsOf),
        macro: partsOf(classes.macro),
        weighted: partsOf(classes.weighted),
        confusion: classes.confusion,
      }
    );
  }),
  numbers: NUMBERS.map((pairs) => scoreOf(pairs).numbers),
};

/** Has scikit-learn and numpy judge the scores of `parrot score`. */
export function judgeScores(run: RunScript): void {
  const place = mkdtempSync(join(tmpdir(), "parrot-scores-"));
  try {
    const file = join(place, "cases.json");
    writeFileSync(file, JSON.stringify({ labels: LABELS, numbers: NUMBERS }));
    const theirs = parseJson(run("scores/score.py", [file]));
    requireNear(OURS, theirs, "scores");
    console.log(`scikit-learn scores ${LABELS.length + NUMBERS.length} sets of answers as we do`);
  } finally {
    rmSync(place, { recursive: true });
  }
}

/** @throws Error that names the first place where the numbers differ by more than a billionth of them */
function requireNear(ours: unknown, theirs: unknown, place: string): void {
  if (typeof ours === "number" && typeof theirs === "number") {
    if (Math.abs(ours - theirs) <= 1e-9 * Math.max(1, Math.abs(theirs))) return;
    throw new Error(`${place} is ${ours} here, and ${theirs} of scikit-learn`);
  }
  if (ours === null && theirs === null) return;
  if (typeof ours !== "object" || ours === null || typeof theirs !== "object" || theirs === null)
    throw new Error(`${place} is ${String(ours)} here, and ${String(theirs)} of scikit-learn`);
  const there: Readonly<Record<string, unknown>> = { ...theirs };
  for (const [name, value] of Object.entries(ours)) requireNear(value, there[name], `${place}.${name}`);
}
