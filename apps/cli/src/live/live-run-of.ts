import { limitName } from "@parallel-parrot/transport";
import type { CodeCount, LiveRun } from "@parallel-parrot/ui";
import { cut, describeWait, isWorthTelling } from "../terminal/describe-wait.ts";
import { printable } from "../terminal/report.ts";
import { askedOf, doneOf, type RunStatus } from "../terminal/run-status.ts";
import type { CourseMoment } from "./course.ts";

/** Characters of what a server says in what a run waits for. */
const MAX_SAID = 200;
const MEGABYTE = 1_048_576;

/** How far a run is, for whoever looks at it in a browser. */
export function liveRunOf(
  { progress, steps = [], unusable, isStopping, total, leftMs }: RunStatus,
  { failures, perMinute }: { readonly failures: ReadonlyMap<string, number>; readonly perMinute: number },
): LiveRun {
  const { reused, shared, inFlight, waiting, backingOff, waits, lastFailure, limits, budget } = progress;
  const { usage, cost, paidBefore, errors } = progress;
  const told = waits.filter((wait) => isWorthTelling(wait) || inFlight === 0);
  const again = lastFailure === undefined ? [] : [`asking again after: ${cut(lastFailure, MAX_SAID)}`];
  return {
    toldAt: Date.now(),
    done: doneOf(progress),
    ...(total === undefined ? {} : { total }),
    failed: progress.failed + unusable,
    unanswered: countsOf(Object.entries(errors)),
    unusable: countsOf([...failures].filter(([code]) => !Object.hasOwn(errors, code))),
    reused: reused + shared,
    perMinute,
    inFlight,
    waiting,
    backingOff,
    waits: [...told.map((wait) => describeWait(wait, MAX_SAID)), ...again].map((words) => printable(words)),
    ...(leftMs === undefined || isStopping ? {} : { leftMs }),
    isStopping,
    requests: usage.requests + paidBefore.usage.requests,
    tokens: tokensOf(usage) + tokensOf(paidBefore.usage),
    ...(cost === undefined ? {} : { cost: cost + paidBefore.cost }),
    budget: budget?.limits ?? {},
    limits: limits.map((limit) => ({ name: limitName(limit), use: limit.use })),
    steps: steps.map(({ name, progress: of, failed }) => ({ name, done: doneOf(of), failed })),
  };
}

/** The most frequent first. */
function countsOf(counts: readonly (readonly [code: string, count: number])[]): readonly CodeCount[] {
  return counts.map(([code, count]) => ({ code, count })).toSorted((a, b) => b.count - a.count);
}

/** The same as a moment of the run's course. */
export function momentOf({ progress, unusable, seconds }: RunStatus): CourseMoment {
  const uses = progress.limits.map(({ use }) => use);
  return {
    seconds: rounded(seconds, 1),
    done: doneOf(progress),
    asked: askedOf(progress),
    failed: progress.failed + unusable,
    inFlight: progress.inFlight,
    tokens: tokensOf(progress.usage),
    cost: progress.cost === undefined ? -1 : rounded(progress.cost, 6),
    limitUse: uses.length === 0 ? -1 : rounded(Math.max(...uses), 3),
    megabytes: Math.round(process.memoryUsage.rss() / MEGABYTE),
  };
}

function tokensOf(usage: { readonly inputTokens: number; readonly outputTokens: number }): number {
  return usage.inputTokens + usage.outputTokens;
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
