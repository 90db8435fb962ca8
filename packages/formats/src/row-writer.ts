import type { Row } from "@parallel-parrot/core";
import type { Destination, Revise } from "./destination.ts";
import { textOutput, type TextOutput } from "./text-output.ts";

/** Turns rows into text. */
export interface RowEncoder {
  encode(row: Row, index: number): string;
  /** The text behind `count` rows. */
  end(count: number): string;
  /** Changes to the finished text, where later rows called for some. Heeded for files only. */
  revision?(): Revise | undefined;
}

/** Brings rows to a destination. Any failure discards what was written. */
export class RowWriter {
  readonly #destination: Destination;
  readonly #encoder: RowEncoder;
  readonly #text: TextOutput;
  readonly #isFile: boolean;
  #count = 0;
  #discarded = false;
  #flushPlanned = false;

  constructor(destination: Destination, encoder: RowEncoder) {
    this.#destination = destination;
    this.#encoder = encoder;
    this.#text = textOutput(destination);
    this.#isFile = destination.revise !== undefined;
  }

  async write(rows: readonly Row[], controller: WritableStreamDefaultController): Promise<void> {
    await this.#orDiscard(async () => {
      for (const row of rows) {
        const full = this.#text.write(this.#encoder.encode(row, this.#count));
        this.#count += 1;
        if (full !== undefined) await full;
      }
      // Nobody waits for a file's rows; who reads a stream wants them now.
      if (!this.#isFile) this.#planFlush(controller);
    });
  }

  /** Ends the output and gives it its name, or another. */
  async finish(otherName?: string): Promise<void> {
    await this.#orDiscard(async () => {
      await this.#text.write(this.#encoder.end(this.#count));
      await this.#text.flush();
      await this.#destination.close();
      const revision = this.#encoder.revision?.();
      if (revision !== undefined) await this.#destination.revise?.(revision);
    });
    await this.#destination.commit(otherName);
  }

  /** Discards the output, or keeps its rows under the name for partial ones. */
  async abort(reason: unknown, partial: string | undefined): Promise<void> {
    if (partial !== undefined && this.#isFile && this.#count > 0) await this.finish(partial);
    else await this.#discard(reason);
  }

  /** Rows of one turn of the event loop go out together. */
  #planFlush(controller: WritableStreamDefaultController): void {
    if (this.#flushPlanned) return;
    this.#flushPlanned = true;
    setImmediate(() => {
      this.#flushPlanned = false;
      if (this.#discarded) return;
      this.#orDiscard(() => this.#text.flush()).catch((error: unknown) => controller.error(error));
    });
  }

  async #orDiscard(run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      await this.#discard(error);
      throw error;
    }
  }

  async #discard(reason: unknown): Promise<void> {
    if (this.#discarded) return;
    this.#discarded = true;
    // The reason is what the caller must hear, not that cleaning up failed as well.
    await this.#destination.abort(reason).catch(() => undefined);
  }
}
