import { describeGiven, ParrotError, rowName, type Row } from "@parallel-parrot/core";
import type { Destination, Revise } from "./destination.ts";
import { withRemains } from "./output-errors.ts";
import { textOutput, type TextOutput } from "./text-output.ts";

/** Turns rows into text. */
export interface RowEncoder {
  encode(row: Row, index: number): string;
  /** The text behind `count` rows. */
  end(count: number): string;
  /** Changes to the finished text, where later rows called for some. Heeded for files only. */
  revision?(): Revise | undefined;
}

/** Brings rows to a destination. Any failure discards what was written, or ends a partial file behind it. */
export class RowWriter {
  readonly #destination: Destination;
  readonly #encoder: RowEncoder;
  readonly #text: TextOutput;
  readonly #beforeNaming: ((path: string) => Promise<void>) | undefined;
  #count = 0;
  /** How far the output is. */
  #state: "rows" | "ended" | "closed" | "whole" = "rows";
  #cancelFlush: (() => void) | undefined;
  /** The error that ended it, once everything is given back. */
  #failure: Promise<unknown> | undefined;

  constructor(destination: Destination, encoder: RowEncoder, beforeNaming?: (path: string) => Promise<void>) {
    this.#destination = destination;
    this.#encoder = encoder;
    this.#beforeNaming = beforeNaming;
    this.#text = textOutput(destination);
  }

  async write(rows: readonly Row[], controller: WritableStreamDefaultController): Promise<void> {
    await this.#orFail(async () => {
      for (const row of rows) {
        requireRow(row, this.#count);
        const full = this.#text.write(this.#encoder.encode(row, this.#count));
        this.#count += 1;
        if (full !== undefined) await full;
      }
      this.#planFlush(controller);
    });
  }

  /** Ends the output and gives it its name. */
  async finish(): Promise<void> {
    const { file } = this.#destination;
    await this.#orFail(async () => {
      await this.#end();
      if (file !== undefined) await this.#beforeNaming?.(file.path);
    });
    await file?.commit();
  }

  /** Discards the output, or ends a partial file that has rows. */
  async abort(reason: unknown): Promise<void> {
    if (this.#failure !== undefined) await this.#failure;
    else if (this.#destination.file?.stays === true && this.#count > 0) {
      await this.#orFail(() => this.#end());
    } else await this.#discard(reason);
  }

  /** Rows go out together that come within one turn of the event loop or, in a file that grows, one second. */
  #planFlush(controller: WritableStreamDefaultController): void {
    const { maxDelayMs } = this.#destination;
    if (maxDelayMs === undefined || this.#cancelFlush !== undefined) return;
    this.#cancelFlush = schedule(maxDelayMs, () => {
      this.#cancelFlush = undefined;
      this.#orFail(() => this.#text.flush()).catch((error: unknown) => controller.error(error));
    });
  }

  async #end(): Promise<void> {
    this.#stopFlushing();
    await this.#text.write(this.#encoder.end(this.#count));
    await this.#text.flush();
    await this.#close();
  }

  async #close(): Promise<void> {
    this.#state = "ended";
    await this.#destination.close();
    this.#state = "closed";
    const revision = this.#encoder.revision?.();
    if (revision !== undefined) await this.#destination.file?.revise(revision);
    this.#state = "whole";
  }

  async #orFail(run: () => Promise<void>): Promise<void> {
    if (this.#failure === undefined) {
      try {
        await run();
        return;
      } catch (error) {
        // A flush and a write may fail at once, with the same error.
        this.#failure ??= this.#fail(error);
      }
    }
    throw await this.#failure;
  }

  /** Gives everything back, but for a partial file that has rows; the error tells what has become of them. */
  async #fail(error: unknown): Promise<unknown> {
    this.#stopFlushing();
    const { file } = this.#destination;
    const isPartial = file?.stays === true;
    const isWhole =
      isPartial && (this.#state === "whole" || (this.#state === "rows" && (await this.#endEarly())));
    if (!isWhole) await this.#discard(error);
    if (!isPartial || this.#count === 0) return error;
    const path = file.remains();
    return withRemains(
      error,
      path === undefined ? "no rows are left" : `${this.#describeRows(isWhole)} in ${path}`,
    );
  }

  /** Ends a partial file behind the last row that is in it. Tells whether it is a whole file then. */
  async #endEarly(): Promise<boolean> {
    try {
      // Where a row was at fault, those before it can still be written.
      await this.#text.flush().catch(() => undefined);
      const rows = this.#rowsWritten();
      if (rows === 0) return false;
      await this.#destination.write(Buffer.from(this.#encoder.end(rows)));
      await this.#close();
      return true;
    } catch {
      return false;
    }
  }

  #describeRows(isWhole: boolean): string {
    if (!isWhole && this.#state !== "closed") return "what could be written is";
    const rows = this.#rowsWritten();
    const [first, are] = rows === 1 ? ["the first row", "is"] : [`the first ${rows} rows`, "are"];
    return isWhole ? `${first} ${are}` : `${first}, but not all columns in the header, ${are}`;
  }

  /** The last piece of text may be the end. */
  #rowsWritten(): number {
    return Math.min(this.#text.written, this.#count);
  }

  #stopFlushing(): void {
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
  }

  async #discard(reason: unknown): Promise<void> {
    this.#stopFlushing();
    // The reason is what the caller must hear, not that cleaning up failed as well.
    await this.#destination.abort(reason).catch(() => undefined);
  }
}

function requireRow(row: unknown, index: number): void {
  if (typeof row === "object" && row !== null) return;
  throw new ParrotError(
    "INVALID_OPTION",
    `Cannot write ${rowName(index)}: expected an object of columns, got ${describeGiven(row)}`,
    { option: "rows", row: index },
  );
}

/** Runs a function in some milliseconds, or at the end of this turn; gives what calls it off. */
function schedule(delayMs: number, run: () => void): () => void {
  if (delayMs === 0) {
    const immediate = setImmediate(run);
    return () => clearImmediate(immediate);
  }
  const timer = setTimeout(run, delayMs).unref();
  return () => clearTimeout(timer);
}
