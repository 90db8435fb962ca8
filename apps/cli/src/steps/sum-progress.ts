import { addUsage, type Usage } from "@parallel-parrot/core";
import { sumOfGroups, type CompletionProgress } from "@parallel-parrot/transport";

/** How far all steps of a run are, taken together: a row counts once for each step that it has come through. */
export function sumProgress(steps: readonly CompletionProgress[]): CompletionProgress {
  const [first] = steps;
  if (first === undefined) throw new RangeError("A run has a step");
  const sum = (of: (step: CompletionProgress) => number): number =>
    steps.reduce((total, step) => total + of(step), 0);
  const each = <T>(of: (step: CompletionProgress) => readonly T[]): readonly T[] => [
    ...new Set(steps.flatMap((step) => of(step))),
  ];
  return {
    completed: sum(({ completed }) => completed),
    skipped: sum(({ skipped }) => skipped),
    passed: sum(({ passed }) => passed),
    failed: sum(({ failed }) => failed),
    inFlight: sum(({ inFlight }) => inFlight),
    waiting: sum(({ waiting }) => waiting),
    backingOff: sum(({ backingOff }) => backingOff),
    retries: sum(({ retries }) => retries),
    throttles: sum(({ throttles }) => throttles),
    errors: sumCounts(steps.map(({ errors }) => errors)),
    lastFailure: steps.map(({ lastFailure }) => lastFailure).findLast((failure) => failure !== undefined),
    waits: steps.flatMap(({ waits }) => waits),
    isOutage: steps.some(({ isOutage }) => isOutage),
    equal: sumKnown(steps.map(({ equal }) => equal)),
    reused: sum(({ reused }) => reused),
    shared: sum(({ shared }) => shared),
    paidBefore: {
      usage: sumUsage(steps.map(({ paidBefore }) => paidBefore.usage)),
      cost: sum(({ paidBefore }) => paidBefore.cost),
    },
    usage: sumUsage(steps.map(({ usage }) => usage)),
    usageIsEstimated: steps.some(({ usageIsEstimated }) => usageIsEstimated),
    lostAnswers: sum(({ lostAnswers }) => lostAnswers),
    cost: sumKnown(steps.map(({ cost }) => cost)),
    cacheSaving: sumKnown(steps.map(({ cacheSaving }) => cacheSaving)),
    // They share one budget.
    budget: first.budget,
    limits: first.limits,
    amendments: each(({ amendments }) => amendments),
    paramsNotSent: each(({ paramsNotSent }) => paramsNotSent),
    notices: each(({ notices }) => notices),
    batch: undefined,
    groups: sumOfGroups(steps.flatMap(({ groups }) => groups ?? [])),
    members: [],
    models: steps.flatMap(({ models }) => models),
  };
}

type Counts = CompletionProgress["errors"];

function sumCounts(steps: readonly Counts[]): Counts {
  const sum: Partial<Record<keyof Counts, number>> = {};
  for (const counts of steps)
    for (const [code, count] of Object.entries(counts) as [keyof Counts, number][])
      sum[code] = (sum[code] ?? 0) + count;
  return sum;
}

function sumUsage(usages: readonly Usage[]): Usage {
  return usages.reduce((total, usage) => addUsage(total, usage));
}

/** The sum of figures; `undefined` where one is not known. */
function sumKnown(figures: readonly (number | undefined)[]): number | undefined {
  return figures.reduce((total, figure) =>
    total === undefined || figure === undefined ? undefined : total + figure,
  );
}
