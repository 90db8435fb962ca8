import { counted } from "@parallel-parrot/core";
import { formatDollars } from "@parallel-parrot/transport";
import { formatCount } from "../terminal/format-count.ts";
import type { BatchEstimate, Estimate, QueueLimit } from "./estimate-result.ts";
import { formatRange } from "./format-range.ts";

/** Lines that tell how a run goes through batches, and what it costs then. */
export function describeBatch(estimate: Estimate, batch: BatchEstimate): readonly string[] {
  const { jobs, atOnce, queue } = batch;
  if (jobs === 0)
    return [
      "batch     no job is made, as so few requests go directly, at the price above; --batch changes nothing",
    ];
  const isHeldBack = queue !== null && atOnce < jobs;
  return [
    `batch     ${counted(jobs, "job")}, ${describePrice(estimate, batch)}`,
    ...(isHeldBack ? [`queue     ${describeQueue(queue, { atOnce, provider: estimate.provider })}`] : []),
  ];
}

function describePrice({ outputTokens, cost: direct }: Estimate, { factor, cost }: BatchEstimate): string {
  if (factor === null) return "not known at what price at this server, so that they count at the price above";
  const part = `${formatCount(factor * 100)} % of the direct price`;
  if (cost === null || direct === null) return `at ${part}`;
  const most = outputTokens?.basis === "cap" ? "at most " : "";
  const alone = direct.includesOutput ? "" : " for the input alone";
  const dearer =
    cost.estimate < direct.estimate ? "" : ": no less, as the prompt cache saves as much directly";
  return `${most}${formatRange(cost, formatDollars)}${alone} instead of ${formatDollars(direct.estimate)}${dearer}, at ${part}; the first row goes directly, and so does a rest of 100 requests`;
}

const COUNTED = { requests: "requests", inputTokens: "input tokens" } as const;

function describeQueue(
  { limit, counts, known }: QueueLimit,
  { atOnce, provider }: { readonly atOnce: number; readonly provider: string },
): string {
  const source =
    known.from === "journal" ? `as ${provider} told when it refused a job` : `that ${known.of} has there`;
  return `the limit of ${formatCount(limit)} queued ${COUNTED[counts]}, ${source}, holds ${counted(atOnce, "job")} at a time; the next is made when one has ended`;
}
