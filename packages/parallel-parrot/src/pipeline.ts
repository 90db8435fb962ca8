import {
  AnswerCounts,
  anOutput,
  anything,
  checkOptions,
  failAtEnd,
  FaultLimit,
  isFailed,
  mapStream,
  pickOptions,
  required,
  rowFailed,
  singleUse,
  wholeNumber,
  type AsRow,
  type Failed,
  type OptionChecks,
  type Output,
  type Parsed,
  type Row,
  type Stage,
  type Usage,
  type Warning,
} from "@parallel-parrot/core";
import { parseStream } from "@parallel-parrot/parse";
import type { Provider } from "@parallel-parrot/providers";
import {
  IMAGE_OPTIONS,
  promptStream,
  type ImageOptions,
  type PromptTemplate,
} from "@parallel-parrot/template";
import {
  EXPLODE_OPTIONS,
  explodeStream,
  type ExplodedRow,
  type ExplodeOptions,
  type FailurePolicy,
  type OnFailure,
} from "@parallel-parrot/tidy";
import {
  aProvider,
  COMPLETION_OPTIONS,
  completionStream,
  type CompletionOptions,
  type CompletionProgress,
  type CompletionStage,
} from "@parallel-parrot/transport";
import { asError } from "./as-error.ts";
import { requireImages } from "./require-images.ts";

/** Options of {@linkcode pipeline}: those of its stages side by side. */
export interface PipelineOptions<R extends Row, T extends Row>
  extends Omit<CompletionOptions, "output">, Omit<ExplodeOptions<R>, "columns">, ImageOptions {
  readonly provider: Provider;
  /** A text with `${column}` in it, chat messages, or a function of the row. */
  readonly prompt: PromptTemplate<NoInfer<R>>;
  /** What an answer must look like: `text(…)`, `objectOf(…)` or `listOf(…)`. */
  readonly output: Output<T>;
  /** Failed rows kept in `failures`, at most; `failedCount` counts on. @default 10000 */
  readonly maxFailuresKept?: number;
}

/**
 * Options whose literal types `O` tell the type of the rows. A name that is no option does not compile, which an
 * inferred type alone would let by.
 */
export type Exact<O, Options extends object> = O &
  Options & { readonly [Name in Exclude<keyof O, keyof Options>]: never };

/** What is known of a run besides its rows. Live while it goes on, final once its rows have ended. */
export interface RunReport<R extends Row = Row> {
  /** Everything paid for, failed attempts and re-asks included. */
  readonly usage: Usage;
  /** Whether a part of `usage` is estimated by characters, as the server does not tell. */
  readonly usageIsEstimated: boolean;
  /** What that costs in US dollars; `undefined` where the price is not known. */
  readonly cost: number | undefined;
  /**
   * Rows whose prompt is that of an earlier row; `undefined` where they were not counted: with neither `journal` nor
   * `askEqualOnce`, beyond 65,536 different prompts.
   */
  readonly equal: number | undefined;
  /** Rows answered from the journal, with nothing asked. */
  readonly reused: number;
  /** Rows that share the answer of an equal row before them, with `askEqualOnce`; not among those reused. */
  readonly shared: number;
  /** What a run that goes on had paid before, which is not in `usage` and `cost`. */
  readonly paidBefore: CompletionProgress["paidBefore"];
  /** Rows that failed; the first `maxFailuresKept`. */
  readonly failures: readonly Failed<R>[];
  /** How many failed. */
  readonly failedCount: number;
  /** How each member of a pool is doing, and why one is not asked; empty where there is one provider. */
  readonly members: CompletionProgress["members"];
  /** What was odd about answers that were used all the same; the first 100. */
  readonly warnings: readonly RowWarning[];
  /** Rows by the kinds of warning they have, all of them; a row with two kinds counts in both. */
  readonly warningCounts: AnswerCounts["warnings"];
  /**
   * Rows that were answered with an empty list: with nulls in the output, or not in it, as `empty` says. Those that
   * `onContext: "skip"` left without an answer are under `PROMPT_SKIPPED` in `warningCounts`.
   */
  readonly withoutOutputs: number;
  /** What ended the run before its rows did, where it closes instead of failing (`onStop: "close"`). */
  readonly stopped: Error | undefined;
}

/** A warning and its row. */
export interface RowWarning extends Warning {
  /** 0-based position in the input. */
  readonly index: number;
}

/** The whole way from rows to rows as one stage, and what is known of its run. */
export interface Pipeline<In, R extends Row, Out extends Row>
  extends Stage<In, Out>, RunReport<R>, Pick<CompletionStage<R>, "progress" | "stop"> {}

const MAX_WARNINGS_KEPT = 100;

const { columns: _, ...EXPLODE } = EXPLODE_OPTIONS;

/** The options of `pipeline` and `generateData`: what there is, and what each may be. */
export const PIPELINE_OPTIONS: OptionChecks<PipelineOptions<Row, Row>> = {
  ...COMPLETION_OPTIONS,
  ...EXPLODE,
  ...IMAGE_OPTIONS,
  provider: aProvider,
  prompt: required(anything, "a text with ${column} in it, chat messages or a function of the row"),
  output: required(anOutput, "text(…), objectOf(…) or listOf(…)"),
  maxFailuresKept: wholeNumber(0),
};

/**
 * Template, requests, parsing and tidying as one stage for `pipeThrough`. Failed rows are kept in `failures`;
 * `onFailure` says what else becomes of them.
 *
 * Within `pipeThrough`, the type of the rows comes from the source. A pipeline in a constant takes rows of any type:
 * what it adds to them is typed, and their own columns are `unknown` unless their type is named, as in
 * `pipeline<Doc, Pair>({ … })`.
 *
 * @throws ParrotError `INVALID_TEMPLATE`, or `INVALID_OPTION` that names the option
 */
export function pipeline<In extends object, T extends Row, const O extends object = object>(
  options: Exact<O, PipelineOptions<AsRow<In>, T>>,
): Pipeline<In, AsRow<In>, ExplodedRow<AsRow<In>, T, O>> {
  checkOptions("pipeline", options, PIPELINE_OPTIONS);
  return createPipeline<In, T, O>(options);
}

/** {@linkcode pipeline} with checked options. */
export function createPipeline<In extends object, T extends Row, O>(
  options: PipelineOptions<AsRow<In>, T>,
): Pipeline<In, AsRow<In>, ExplodedRow<AsRow<In>, T, O>> {
  type R = AsRow<In>;
  const { provider, prompt, output, onFailure = "drop", maxFailuresKept = 10_000 } = options;
  requireImages<R>(provider, prompt);
  const completions = completionStream<R>(provider, pickOptions(options, COMPLETION_OPTIONS));
  const failures: Failed<R>[] = [];
  const warnings: RowWarning[] = [];
  const answers = new AnswerCounts();
  const faults = new FaultLimit();
  let failedCount = 0;
  /** What the run is to end with, also where everything was answered by the time that it was known. */
  let failure: { readonly error: Error } | undefined;

  const noteWarnings = mapStream((item: Parsed<R, T> | Failed<R>) => {
    if (isFailed<R>(item)) return item;
    answers.add(item);
    for (const warning of item.warnings) {
      if (warnings.length < MAX_WARNINGS_KEPT) warnings.push({ ...warning, index: item.index });
    }
    return item;
  });
  const explodeOptions: ExplodeOptions<R> = {
    ...pickOptions<ExplodeOptions<R>>(options, EXPLODE_OPTIONS),
    columns: output.columns,
    onFailure(failed) {
      failedCount += 1;
      if (failures.length < maxFailuresKept) failures.push(failed);
      const { policy, error = faults.add(failed) } = policyFor(failed, onFailure);
      if (error === undefined) return policy;
      // What is in flight has been paid for: it is finished before the error comes out.
      failure ??= { error };
      completions.stop(error);
      return "drop";
    },
  };
  const canShorten = [options, ...(options.earlier ?? [])].some(({ onContext }) => onContext === "truncate");
  const prompts = promptStream<In>(prompt, { ...imagesOf(options), canShorten });
  const rows = prompts.readable
    .pipeThrough(completions)
    .pipeThrough(parseStream<R, T>(output))
    .pipeThrough(noteWarnings)
    .pipeThrough(explodeStream<R, T>(explodeOptions));
  const ending = options.onStop === "close" ? rows : failAtEnd(rows, () => failure);
  return singleUse({
    // `explodeStream` was given the user's own options, which decide the type of its rows.
    readable: ending as ReadableStream<Row> as ReadableStream<ExplodedRow<R, T, O>>,
    writable: prompts.writable,
    stop: (reason) => completions.stop(reason),
    progress: () => completions.progress(),
    failures,
    warnings,
    warningCounts: answers.warnings,
    get withoutOutputs() {
      return answers.withoutOutputs;
    },
    get stopped() {
      return completions.stopped;
    },
    get usage() {
      return completions.progress().usage;
    },
    get usageIsEstimated() {
      return completions.progress().usageIsEstimated;
    },
    get cost() {
      return completions.progress().cost;
    },
    get equal() {
      return completions.progress().equal;
    },
    get reused() {
      return completions.progress().reused;
    },
    get shared() {
      return completions.progress().shared;
    },
    get paidBefore() {
      return completions.progress().paidBefore;
    },
    get failedCount() {
      return failedCount;
    },
    get members() {
      return completions.progress().members;
    },
  });
}

/** What is to become of a failed row, and the error that the run is to end with. A function that throws ends it too. */
function policyFor<R extends Row>(
  failed: Failed<R>,
  onFailure: OnFailure<R>,
): { readonly policy: FailurePolicy; readonly error?: Error } {
  try {
    const policy = (typeof onFailure === "function" ? onFailure(failed) : onFailure) ?? "drop";
    return policy === "throw" ? { policy, error: rowFailed(failed) } : { policy };
  } catch (error) {
    return { policy: "throw", error: asError(error) };
  }
}

function imagesOf({ imageFolder, maxImageBytes }: ImageOptions): ImageOptions {
  return {
    ...(imageFolder === undefined ? {} : { imageFolder }),
    ...(maxImageBytes === undefined ? {} : { maxImageBytes }),
  };
}
