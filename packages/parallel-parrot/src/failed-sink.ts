import { asError } from "@parallel-parrot/core";
import type { Failed, Row } from "@parallel-parrot/core";

/** Writes failed rows to a user's sink. An error of the sink stops the run once, and rejects nothing. */
export class FailedSink<R extends Row> {
  readonly #writer: WritableStreamDefaultWriter<Failed<R>>;
  readonly #stop: (reason: Error) => void;

  constructor(sink: WritableStream<Failed<R>> | WritableStream<Row>, stop: (reason: Error) => void) {
    // A failed item is plain data, which a sink of rows takes as a row.
    this.#writer = (sink as WritableStream<Failed<R>>).getWriter();
    this.#stop = stop;
    // Every write tells of the same error.
    this.#writer.closed.catch(() => undefined);
    this.#writer.ready.catch(() => undefined);
  }

  /** Resolves when the sink has taken the row. */
  write(failed: Failed<R>): Promise<void> {
    return this.#writer.write(failed).catch((error: unknown) => this.#stop(asError(error)));
  }

  async close(): Promise<void> {
    await this.#writer.close().catch((error: unknown) => this.#stop(asError(error)));
  }

  abort(reason: unknown): void {
    this.#writer.abort(reason).catch(() => undefined);
  }
}
