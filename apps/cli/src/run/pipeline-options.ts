import type { Row } from "@parallel-parrot/core";
import type { PipelineOptions } from "parallel-parrot";
import { pipelinePart } from "../flags/pipeline-part.ts";
import type { RunOptions } from "../job/run-options.ts";

type Options = PipelineOptions<Row, Row>;

/** The options of a run as options of `pipeline`. A run that is stopped closes its stream, and tells why at its end. */
export function pipelineOptions(options: RunOptions): Options {
  const { provider, prompt, wanted, rowParams } = options;
  return {
    ...pipelinePart(options),
    ...(rowParams === undefined ? {} : { rowParams }),
    provider,
    prompt,
    output: wanted,
    onStop: "close",
  };
}

/** Those of them that say how rows are asked, without those that say what becomes of the answers: directly. */
export function askingOptions(options: RunOptions): Options {
  const {
    collision: _collision,
    empty: _empty,
    lineage: _lineage,
    onFailure: _onFailure,
    maxFailures: _maxFailures,
    onStop: _onStop,
    batch: _batch,
    ...asking
  } = pipelineOptions(options);
  return asking;
}

type Present<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

/** The same options without those that are `undefined`. */
export function withoutUndefined<T extends object>(given: T): Present<T> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Present<T>;
}
