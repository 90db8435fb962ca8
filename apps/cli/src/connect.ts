import { isFailed, rowFailed, untilError, type Failed, type Parsed, type Row } from "@parallel-parrot/core";
import { parseStream } from "@parallel-parrot/parse";
import { promptStream } from "@parallel-parrot/template";
import { explodeStream } from "@parallel-parrot/tidy";
import { completionStream, type CompletionStage } from "@parallel-parrot/transport";
import { completionOptions } from "./completion-options.ts";
import type { FailedRows } from "./failed-rows.ts";
import type { RunOptions } from "./run-options.ts";

/** The stages of a run, connected. */
export interface Connected {
  readonly rows: ReadableStream<Row>;
  readonly completions: CompletionStage<Row>;
  readonly counts: { readonly rows: number; readonly warnings: number; readonly unusable: number };
}

/** How the stages of a run are connected. */
export interface ConnectOptions {
  /** Ends everything at once. */
  readonly signal: AbortSignal;
  /** Whether the first row tells the columns: where nothing did before. */
  readonly checkFirstRow: boolean;
}

/** Connects the stages; failed rows go to `failed` on the way. */
export function connect(
  source: ReadableStream<Row>,
  failed: FailedRows,
  options: RunOptions,
  { signal, checkFirstRow }: ConnectOptions,
): Connected {
  const { prompt, provider, wanted, onFailure, onCollision, onEmpty, lineage } = options;
  const counts = { rows: 0, warnings: 0, unusable: 0 };
  const completions = completionStream(provider, {
    ...completionOptions(options),
    output: wanted,
    onStop: "close",
    signal,
  });
  const noted = new TransformStream<Parsed | Failed, Parsed | Failed>({
    async transform(item, controller) {
      if (!isFailed(item)) {
        counts.warnings += item.warnings.length;
        controller.enqueue(item);
        return;
      }
      if (item.failure.stage === "parse") counts.unusable += 1;
      await failed.add(item);
      if (onFailure === "stop") completions.stop(rowFailed(item));
      else controller.enqueue(item);
    },
  });
  const counted = new TransformStream<Row, Row>({
    transform(row, controller) {
      counts.rows += 1;
      controller.enqueue(row);
    },
  });
  // What is in flight when the input breaks off has been paid for.
  const rows = untilError(source, (error) => completions.stop(toError(error)))
    .pipeThrough(promptStream<Row>(prompt, { checkFirstRow }))
    .pipeThrough(completions)
    .pipeThrough(parseStream<Row, Row>(wanted))
    .pipeThrough(noted)
    .pipeThrough(
      explodeStream<Row, Row>({
        collision: onCollision,
        empty: onEmpty,
        lineage,
        columns: wanted.columns,
        onFailure: (failure) => {
          if (failure.failure.stage === "tidy") void failed.add(failure);
          if (onFailure !== "stop") return onFailure;
          completions.stop(rowFailed(failure));
          return "drop";
        },
      }),
    )
    .pipeThrough(counted);
  return { rows, completions, counts };
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
