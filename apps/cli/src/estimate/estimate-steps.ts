import { collect, counted, ParrotError, type Item, type Row } from "@parallel-parrot/core";
import { sampleStream } from "@parallel-parrot/tidy";
import { formatDollars } from "@parallel-parrot/transport";
import type { Job } from "../job/job.ts";
import type { RunOptions } from "../job/run-options.ts";
import { readHead } from "../run/read-head.ts";
import { allSteps } from "../steps/all-steps.ts";
import { stepsOutlook, type StepOutlook } from "../steps/steps-outlook.ts";
import { printJson, printLines } from "../terminal/print.ts";
import { printable } from "../terminal/report.ts";
import { countSample } from "./count-sample.ts";
import { estimateTotal, type TotalEstimate } from "./estimate-total.ts";
import { formatRange } from "./format-range.ts";
import { MeasuredAnswers } from "./measured-answers.ts";

/** What the options of `parrot estimate` say of a job with steps. */
interface StepFlags {
  readonly ask: boolean;
  readonly json: boolean;
  readonly lookAt: number;
  readonly outputTokens?: number | undefined;
}

/** What a step takes. */
interface StepEstimate extends StepOutlook {
  readonly requests: number;
  readonly inputTokens: number;
  /** `null` where nothing tells how long answers are. */
  readonly outputTokens: number | null;
  /** US dollars; `null` where the price is not known. */
  readonly cost: number | null;
  /** Between what the cost is in 95 of 100 cases, as far as prompts go; `null` without a cost. */
  readonly costRange: Pick<TotalEstimate, "low" | "high"> | null;
}

/**
 * Estimates each step of a job, and all together. What a later step asks depends on answers that are not there yet: each
 * row that may come to it is taken to be asked, with answers as long as is assumed.
 */
export async function estimateSteps(job: Job, options: RunOptions, flags: StepFlags): Promise<void> {
  if (flags.ask)
    throw new ParrotError(
      "INVALID_OPTION",
      "Cannot ask a sample of each step; run a few rows, whose last lines tell what each step took: --limit 10 -o few.csv",
      { option: "--ask" },
    );
  const { steps: outlooks } = await stepsOutlook(job, options);
  const { rows } = await readHead(job, { ...options, quiet: true });
  const drawn = await collect(
    rows.pipeThrough(sampleStream<Row>({ size: flags.lookAt, seed: options.sampleSeed })),
  );
  let items = drawn.map((row, index): Item => ({ row, index }));
  const estimates: StepEstimate[] = [];
  for (const [place, step] of allSteps(options).entries()) {
    const outlook = outlooks[place];
    if (outlook === undefined) continue;
    estimates.push(await estimateStep(items, step, outlook, flags));
    items = items.map((item) => withAnswers(item, step, flags));
  }
  if (flags.json) printJson(`${JSON.stringify(estimates, undefined, 2)}\n`);
  else printLines(`${describe(estimates, flags).map(printable).join("\n")}\n`);
}

async function estimateStep(
  items: readonly Item[],
  step: RunOptions,
  outlook: StepOutlook,
  { outputTokens: assumed }: StepFlags,
): Promise<StepEstimate> {
  const { rows, output } = await countSample(items, step, {
    assumed,
    measured: new MeasuredAnswers(),
  });
  const toAsk = outlook.toAsk + outlook.unknown;
  // The sample is of all rows, and those to be asked are taken to be like them.
  const total = (values: readonly number[]): number =>
    (values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)) * toAsk;
  const isPriced = rows.every(({ cost }) => cost !== undefined);
  return {
    ...outlook,
    requests: Math.round(total(rows.map(({ usage }) => usage.requests))),
    inputTokens: Math.round(total(rows.map(({ usage }) => usage.inputTokens))),
    outputTokens:
      output.basis === "unknown" ? null : Math.round(total(rows.map(({ usage }) => usage.outputTokens))),
    cost: isPriced ? total(rows.map(({ cost = 0 }) => cost)) : null,
    costRange:
      isPriced && rows.length > 0
        ? rangeOf(
            rows.map(({ cost = 0 }) => cost),
            toAsk,
          )
        : null,
  };
}

function rangeOf(costs: readonly number[], total: number): StepEstimate["costRange"] {
  const { low, high } = estimateTotal(costs, total);
  return Number.isFinite(high) ? { low, high } : null;
}

/** A row with made-up answers of a step, of as many tokens as is assumed: a short word is one. */
function withAnswers({ row, index }: Item, { wanted, maxTokens }: RunOptions, flags: StepFlags): Item {
  const tokens = flags.outputTokens ?? maxTokens ?? 0;
  const each = Math.round(tokens / Math.max(1, wanted.columns.length));
  const text = Array.from({ length: each }, () => "word").join(" ");
  return { index, row: { ...row, ...Object.fromEntries(wanted.columns.map((column) => [column, text])) } };
}

function describe(steps: readonly StepEstimate[], { outputTokens }: StepFlags): readonly string[] {
  const all = {
    requests: steps.reduce((sum, { requests }) => sum + requests, 0),
    inputTokens: steps.reduce((sum, step) => sum + step.inputTokens, 0),
    outputTokens: steps.reduce<number | null>((sum, step) => added(sum, step.outputTokens), 0),
    cost: steps.reduce<number | null>((sum, { cost }) => added(sum, cost), 0),
    // A long row is long in each step, so that the bounds add up.
    costRange: steps.reduce<StepEstimate["costRange"]>(
      (sum, { costRange: range }) =>
        sum === null || range === null ? null : { low: sum.low + range.low, high: sum.high + range.high },
      { low: 0, high: 0 },
    ),
  };
  const length =
    outputTokens === undefined
      ? "answers are as long as --max-tokens allows, and of no length without it (--output-tokens says how long they are)"
      : `answers have ${counted(outputTokens, "token")} (--output-tokens)`;
  return [
    ...steps.map((step) => {
      const most = step.unknown > 0 ? "at most " : "";
      const none = step.answered + step.failed + step.passes;
      const spared = none > 0 ? `; ${counted(none, "row needs", "rows need")} none` : "";
      return `${step.name}: ${most}${amounts(step)}${spared}`;
    }),
    `all: ${amounts(all)}`,
    `What a later step asks depends on answers that are not there yet. Assumed: each row stays one row, every condition is true, and ${length}. Nothing was asked, nothing was spent`,
  ];
}

function amounts({
  requests,
  inputTokens,
  outputTokens,
  cost,
  costRange,
}: Pick<StepEstimate, "requests" | "inputTokens" | "outputTokens" | "cost" | "costRange">): string {
  return [
    counted(requests, "request"),
    counted(inputTokens, "input token"),
    ...(outputTokens === null ? [] : [counted(outputTokens, "output token")]),
    cost === null
      ? "no price known (--price, --price-of)"
      : `${costRange === null ? formatDollars(cost) : formatRange({ estimate: cost, ...costRange }, formatDollars)}${outputTokens === null ? " for the input alone" : ""}`,
  ].join(", ");
}

function added(sum: number | null, amount: number | null): number | null {
  return sum === null || amount === null ? null : sum + amount;
}
