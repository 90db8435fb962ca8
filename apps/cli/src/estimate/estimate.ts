import { counted, ParrotError } from "@parallel-parrot/core";
import type { Limit } from "@parallel-parrot/transport";
import { askSample, type AskedSample } from "./ask-sample.ts";
import { countSample } from "./count-sample.ts";
import { estimateBatch, requireBatches } from "./estimate-batch.ts";
import { estimateCache, readingOnly } from "./estimate-cache.ts";
import { estimateGroups } from "./estimate-groups.ts";
import { estimateSteps } from "./estimate-steps.ts";
import { estimateTotal, type TotalEstimate } from "./estimate-total.ts";
import type { Estimate } from "./estimate-result.ts";
import type { ESTIMATE_FLAGS } from "../flags/commands/estimate-flags.ts";
import type { ValuesOf } from "../flags/flag.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { describeEstimate } from "./describe-estimate.ts";
import { lineBytes } from "./line-bytes.ts";
import type { Job } from "../job/job.ts";
import { keptJob } from "../job/kept-job.ts";
import { planJob } from "../job/plan.ts";
import { sampleInput, type InputSample } from "./sample-input.ts";
import { printJson, printLines } from "../terminal/print.ts";
import { messageOf, say } from "../terminal/report.ts";
import { tellNotes } from "../terminal/tell-notes.ts";
import type { RunOptions } from "../job/run-options.ts";
import type { RowUsage, SampleUsage } from "./sample-usage.ts";
import { timeAtLimits } from "./time-at-limit.ts";

/** The options that `parrot estimate` adds to those of the command that it estimates. */
export type EstimateFlags = ValuesOf<typeof ESTIMATE_FLAGS>;

/** `parrot estimate text`, `parrot estimate columns` and `parrot estimate data`. */
export async function estimate(typed: Job, flags: EstimateFlags): Promise<ExitCode> {
  const job = await keptJob(typed);
  const options = await planJob(job, { asks: flags.ask });
  if (flags.lookAt < 2) {
    throw new ParrotError(
      "INVALID_OPTION",
      `Cannot estimate a range by looking at ${counted(flags.lookAt, "row")}; give --look-at 2 or more`,
      { option: "--look-at" },
    );
  }
  requireBatches(options);
  tellNotes(options);
  if (options.later !== undefined) {
    await estimateSteps(job, options, flags);
    return EXIT.ok;
  }
  const sample = await sampleInput(job, options, flags.lookAt);
  for (const line of sample.selection) say(line);
  const asked = flags.ask && sample.items.length > 0 ? await askSample(job, options, sample) : undefined;
  const usage =
    asked ??
    (await countSample(sample.items, options, { assumed: flags.outputTokens, measured: sample.measured }));
  const result = estimateOf(sample, usage, { options, asked });
  if (flags.json) printJson(`${JSON.stringify(result, undefined, 2)}\n`);
  else printLines(describeEstimate(result));
  return conclude(sample, usage, asked);
}

interface Context {
  readonly options: RunOptions;
  /** What asking the sample came to, where it was asked. */
  readonly asked: AskedSample | undefined;
}

/** What the rows of a sample say of all. */
export function estimateOf(
  { rows, counts, equal, equalToAsk, toAsk, items, queueLimit }: InputSample,
  asIs: SampleUsage,
  { options, asked }: Context,
): Estimate {
  const { provider, price = provider.price, askEqualOnce, onContext = "fail" } = options;
  const sample = toAsk < 2 ? asIs : readingOnly(asIs, price);
  // Where rows choose their models, each has a price of its own.
  const isPriced = price !== undefined || (sample.rows.length > 0 && sample.rows.every(hasCost));
  const of = (value: (row: SampleUsage["rows"][number]) => number): TotalEstimate =>
    estimateTotal(sample.rows.map(value), toAsk);
  const requests = rounded(of(({ usage }) => usage.requests));
  const inputTokens = rounded(of(({ usage }) => usage.inputTokens));
  const outputTokens = rounded(of(({ usage }) => usage.outputTokens));
  const isOutputKnown = sample.output.basis !== "unknown";
  const cached = estimateCache(sample, { total: toAsk, price });
  const cost = isPriced
    ? {
        ...shifted(
          of(({ cost }) => cost ?? 0),
          cached?.extraCost ?? 0,
        ),
        includesOutput: isOutputKnown,
      }
    : null;
  const isMarked = cached?.estimate.isSure === true;
  const means = {
    requests: requests.estimate,
    inputTokens: inputTokens.estimate,
    outputTokens: outputTokens.estimate,
    cachedInputTokens: isMarked ? cached.estimate.tokens : 0,
  };
  const limits = asked?.progress.limits ?? givenLimits(options);
  return {
    rows,
    toAsk,
    answered: counts.answered,
    failedBefore: counts.failed,
    unaskable: counts.unaskable,
    passes: counts.passes,
    shared: counts.shared,
    equal,
    askEqualOnce,
    equalSaving:
      equalToAsk === 0
        ? null
        : {
            requests: Math.round((requests.estimate * equalToAsk) / toAsk),
            cost: cost === null ? null : (cost.estimate * equalToAsk) / toAsk,
          },
    sampled: items.length,
    sampleSeed: options.sampleSeed,
    provider: provider.name,
    model: provider.model,
    price: price ?? null,
    method: sample.method,
    withoutImages: sample.withoutImages,
    tooLong: sample.tooLong === undefined ? null : { ...sample.tooLong, onContext },
    failed: sample.failed,
    firstFailure: sample.firstFailure ?? null,
    requests,
    inputTokens,
    outputTokens: isOutputKnown ? { ...outputTokens, ...sample.output } : null,
    cost,
    groups: estimateGroups(asIs, { total: toAsk, rowsPerRequest: options.rowsPerRequest }),
    batch: estimateBatch(options, {
      rows: toAsk,
      requests: means.requests,
      bytes: options.batch ? means.requests * lineBytes(items, options) : 0,
      inputTokens: means.inputTokens,
      queueLimit,
      cost,
      markedSaving: isMarked ? (cached.estimate.saving ?? 0) : 0,
      cachedCost: isMarked
        ? 0
        : (of(({ usage }) => usage.cachedInputTokens).estimate * (price?.cachedInput ?? price?.input ?? 0)) /
          1e6,
    }),
    promptCache: cached?.estimate ?? null,
    limits: timeAtLimits(means, limits, provider),
    asked: asked === undefined ? null : spentOf(asked),
  };
}

function hasCost({ cost }: RowUsage): boolean {
  return cost !== undefined;
}

function shifted({ estimate, low, high }: TotalEstimate, by: number): TotalEstimate {
  return { estimate: estimate + by, low: low + by, high: high + by };
}

/** Rounds to whole requests and tokens, without making the interval narrower. */
function rounded({ estimate, low, high }: TotalEstimate): TotalEstimate {
  return { estimate: Math.round(estimate), low: Math.floor(low), high: Math.ceil(high) };
}

function givenLimits({ rpm, tpm }: RunOptions): readonly Limit[] {
  const windowMs = 60_000;
  return [
    ...(rpm === undefined ? [] : [{ dimension: "requests" as const, limit: rpm, windowMs }]),
    ...(tpm === undefined ? [] : [{ dimension: "tokens" as const, limit: tpm, windowMs }]),
  ];
}

function spentOf({ progress, rows, failed }: AskedSample): Estimate["asked"] {
  const { usage, usageIsEstimated, cost } = progress;
  return { ...usage, usageIsEstimated, cost: cost ?? null, answered: rows.length - failed };
}

function conclude(
  { counts, firstProblem }: InputSample,
  { failed, firstFailure }: SampleUsage,
  asked: AskedSample | undefined,
): ExitCode {
  const { unaskable } = counts;
  if (unaskable > 0) say(`${counted(unaskable, "row")} cannot be asked; the first: ${firstProblem ?? ""}`);
  if (failed > 0) say(`${failed} of the sampled rows failed; the first: ${firstFailure ?? ""}`);
  if (asked?.stopped !== undefined) {
    const { stopped } = asked;
    say(
      `parrot: ${"code" in stopped && stopped instanceof ParrotError ? messageOf(stopped) : stopped.message}`,
    );
    return EXIT.stopped;
  }
  return failed + unaskable > 0 ? EXIT.failedRows : EXIT.ok;
}
