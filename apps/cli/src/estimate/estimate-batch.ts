import { ParrotError } from "@parallel-parrot/core";
import type { BatchDialect } from "@parallel-parrot/providers";
import { planBatches, type JobSize } from "@parallel-parrot/transport";
import type { RunOptions } from "../job/run-options.ts";
import type { BatchEstimate, Estimate, QueueLimit } from "./estimate-result.ts";

/** What is known of the direct way. */
export interface DirectWay extends JobSize {
  /** Rows that would be asked. */
  readonly rows: number;
  readonly cost: Estimate["cost"];
  /** What marks for the prompt cache save of that, in US dollars. Lines of batches carry none. */
  readonly markedSaving: number;
  /** What input costs of it that a server has found in its prompt cache by itself. */
  readonly cachedCost: number;
  /** The limit of the queue that the journal tells. */
  readonly queueLimit: number | undefined;
}

type Asked = Pick<RunOptions, "batch" | "provider">;

/** @throws ParrotError `INVALID_OPTION` where `--batch` is given and the provider has no batches */
export function requireBatches({ batch, provider }: Asked): void {
  if (!batch || provider.batch !== undefined) return;
  const { name, batchHint } = provider;
  const why =
    batchHint ??
    `the provider ${name} has no batches, or none that are known here. Leave it out to ask directly`;
  throw new ParrotError("INVALID_OPTION", `Cannot use --batch: ${why}`, { option: "--batch" });
}

/** How a run goes through batches, and what it costs then; `null` without `--batch`. */
export function estimateBatch({ batch, provider }: Asked, direct: DirectWay): Estimate["batch"] {
  if (!batch || provider.batch === undefined) return null;
  const { limits, price } = provider.batch;
  const queue = queueLimitOf(limits, direct.queueLimit);
  // The first row goes directly.
  const share = Math.max(0, 1 - 1 / Math.max(1, direct.rows));
  const work = {
    rows: direct.rows,
    requests: Math.round(direct.requests * share),
    bytes: direct.bytes * share,
    inputTokens: direct.inputTokens * share,
  };
  const plan = planBatches(limits, work, queue === null ? {} : { queueLimit: queue.limit });
  return {
    factor: price?.factor ?? null,
    cost: costOf(direct, price, plan.jobs === 0 ? 0 : share),
    ...plan,
    queue,
  };
}

function queueLimitOf(
  { queue: counts, leastQueue }: BatchDialect["limits"],
  learned: number | undefined,
): QueueLimit | null {
  if (counts === "none") return null;
  if (learned !== undefined) return { limit: learned, counts, known: { from: "journal" } };
  if (leastQueue === undefined) return null;
  return { limit: leastQueue.limit, counts, known: { from: "documents", of: leastQueue.of } };
}

/** @param share of the requests that go through batches */
function costOf(
  { cost, markedSaving, cachedCost }: DirectWay,
  price: BatchDialect["price"],
  share: number,
): BatchEstimate["cost"] {
  if (cost === null || price === undefined) return null;
  const { factor, spareCached } = price;
  const spared = spareCached === true ? cachedCost * (1 - factor) : 0;
  const through = (direct: number): number =>
    ((direct + markedSaving) * factor + spared) * share + direct * (1 - share);
  return { estimate: through(cost.estimate), low: through(cost.low), high: through(cost.high) };
}
