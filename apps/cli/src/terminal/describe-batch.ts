import { counted } from "@parallel-parrot/core";
import type { BatchProgress, JobProgress } from "@parallel-parrot/transport";
import { clockTime } from "./describe-wait.ts";
import { formatCount } from "./format-count.ts";

/** One job in a line: `job 3 (batch_68ab): in_progress, 4,210 of 9,000 requests done, since 14:02, until …`. */
export function describeJob(job: JobProgress, now: Date = new Date()): string {
  const { id, remote, state, requests, done, sentAt, expiresAt, heldBackBy } = job;
  const name = `job ${id}${remote === undefined ? "" : ` (${remote})`}`;
  const all = counted(requests, "request");
  if (heldBackBy === "queue") return `${name}: ${all}, which wait for room in the provider's queue`;
  return [
    `${name}: ${state}`,
    done === undefined ? all : `${formatCount(done)} of ${all} done`,
    ...(sentAt === undefined ? [] : [`since ${clockTime(new Date(sentAt), now)}`]),
    ...(expiresAt === undefined ? [] : [`until ${clockTime(new Date(expiresAt), now)} at the latest`]),
  ].join(", ");
}

/** All open jobs in a few words, for the line of progress; `undefined` where there is none. */
export function describeBatch({ jobs, looksAt }: BatchProgress, now: Date = new Date()): string | undefined {
  if (jobs.length === 0) return undefined;
  const requests = jobs.reduce((sum, each) => sum + each.requests, 0);
  const isTold = jobs.some(({ done }) => done !== undefined);
  const done = jobs.reduce((sum, each) => sum + (each.done ?? 0), 0);
  const progress = isTold
    ? `${formatCount(done)} of ${counted(requests, "request")} done`
    : counted(requests, "request");
  const look = looksAt === undefined ? "" : `, next look at ${clockTime(new Date(looksAt), now)}`;
  return `${counted(jobs.length, "job")} open with ${progress}${look}`;
}

/** What jobs have answered and what that cost, beside what was asked directly; nothing where no job has. */
export function describeBatchCost(
  batch: BatchProgress | undefined,
  direct: { readonly cost: number | undefined; readonly requests: number },
  format: (dollars: number) => string,
): readonly string[] {
  if (batch === undefined || batch.answered + batch.lost === 0) return [];
  const { answered, lost, submitted, cost } = batch;
  const money = (dollars: number | undefined): string =>
    dollars === undefined ? "" : ` for ${format(dollars)}`;
  const rest = direct.cost === undefined || cost === undefined ? undefined : Math.max(0, direct.cost - cost);
  const others = Math.max(0, direct.requests - answered);
  const back =
    lost > 0 ? `, ${formatCount(lost)} of ${formatCount(submitted)} came back without an answer` : "";
  return [
    `${counted(answered, "request")} through batches${money(cost)}, ${counted(others, "other")} directly${money(rest)}${back}`,
  ];
}
