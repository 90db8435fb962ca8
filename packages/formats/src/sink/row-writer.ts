import {
  describeGiven,
  isObject,
  isParrotError,
  itemsOf,
  originsOf,
  ParrotError,
  rowName,
  type Item,
  type Packet,
  type Row,
} from "@parallel-parrot/core";
import type { Destination, Revise } from "./destination.ts";
import { withRemains } from "./output-errors.ts";
import { pieceOutput, type Piece, type PieceOutput } from "./piece-output.ts";
import { notWritten, type OnUnwritable } from "./unwritable-row.ts";

/** Turns rows into text, or into bytes. */
export interface RowEncoder {
  /**
   * The piece for the row that is written as number `index`, and for rows that were kept back before it; empty where
   * this row is kept back too. Throws a ParrotError where the output cannot go on, and anything else where this row
   * has no form; it is then as if it had not been called.
   */
  encode(row: Row, index: number): Piece;
  /** The piece for the rows that are kept back, for an encoder that does so. */
  rest?(): Piece;
  /**
   * What comes after `count` rows: all of them, or the first ones where later pieces could not be written. Large ends
   * come in pieces.
   */
  end(count: number): Piece | AsyncIterable<Uint8Array>;
  /** Whether all rows are kept back until the end, outside of memory. @default false */
  readonly keepsRows?: boolean;
  /** Gives back what it has besides memory, once nothing more is asked of it. */
  close?(): void;
  /** Changes to the finished text, where later rows called for some. Heeded for files only. */
  revision?(): Revise | undefined;
}

/** Functions that are called while rows are written. */
export interface WriterHooks {
  /** Called with the path of a file that is complete, before it gets its name. */
  readonly beforeNaming?: (path: string) => Promise<void>;
  readonly onUnwritable?: OnUnwritable;
}

/** Brings rows to a destination. Any failure discards what was written, or ends a partial file after it. */
export class RowWriter {
  readonly #destination: Destination;
  readonly #encoder: RowEncoder;
  readonly #pieces: PieceOutput;
  readonly #hooks: WriterHooks;
  /** How many rows it was given. */
  #given = 0;
  /** How many rows have a piece, or will be in one. */
  #count = 0;
  /** How far the output is. */
  #state: "rows" | "ended" | "closed" | "whole" = "rows";
  #cancelFlush: (() => void) | undefined;
  /** The error that ended the output; resolves once everything is given back. */
  #failure: Promise<unknown> | undefined;

  constructor(destination: Destination, encoder: RowEncoder, hooks: WriterHooks) {
    this.#destination = destination;
    this.#encoder = encoder;
    this.#hooks = hooks;
    this.#pieces = pieceOutput(destination);
  }

  async write(rows: Row | Packet<Row>, controller: WritableStreamDefaultController): Promise<void> {
    const origins = originsOf(rows);
    await this.#orFail(async () => {
      for (const [place, row] of itemsOf(rows).entries()) {
        requireRow(row, this.#given);
        const encoded = this.#encode(row, origins?.[place]);
        const piece = encoded instanceof Promise ? await encoded : encoded;
        this.#given += 1;
        if (piece === undefined) continue;
        this.#count += 1;
        const full = piece.length === 0 ? undefined : this.#pieces.write(piece, this.#count);
        if (full !== undefined) await full;
      }
      this.#planFlush(controller);
    });
  }

  /** The piece for a row, or for what is written in its place; `undefined` where that is nothing. */
  #encode(row: Row, item: Item | undefined): Piece | undefined | Promise<Piece | undefined> {
    try {
      return this.#encoder.encode(row, this.#count);
    } catch (error) {
      // An error that concerns every row.
      if (isParrotError(error)) throw error;
      const { onUnwritable } = this.#hooks;
      const index = this.#given;
      if (onUnwritable === undefined) throw notWritten(error, index);
      return this.#encodeInstead(async () => onUnwritable({ row, index, item, error }));
    }
  }

  async #encodeInstead(ask: () => Promise<Row | undefined | void>): Promise<Piece | undefined> {
    const substitute = await ask();
    if (!isObject(substitute)) return undefined;
    try {
      return this.#encoder.encode(substitute, this.#count);
    } catch (error) {
      if (isParrotError(error)) throw error;
      // It was told already that the row is not there.
      return undefined;
    }
  }

  /** Ends the output and gives it its name. */
  async finish(): Promise<void> {
    const { file } = this.#destination;
    await this.#orFail(async () => {
      await this.#end();
      if (file !== undefined) await this.#hooks.beforeNaming?.(file.path);
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
      this.#orFail(() => this.#pieces.flush()).catch((error: unknown) => controller.error(error));
    });
  }

  async #end(): Promise<void> {
    this.#stopFlushing();
    await this.#writeRest();
    for await (const piece of piecesOf(this.#encoder.end(this.#count)))
      await this.#pieces.write(piece, this.#count);
    await this.#pieces.flush();
    await this.#close();
  }

  async #writeRest(): Promise<void> {
    const rest = this.#encoder.rest?.() ?? "";
    if (rest.length > 0) await this.#pieces.write(rest, this.#count);
  }

  async #close(): Promise<void> {
    this.#state = "ended";
    this.#encoder.close?.();
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

  /** Gives everything back, except a partial file that has rows; the error says what became of them. */
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

  /** Ends a partial file after its last row. Returns whether it is then a whole file. */
  async #endEarly(): Promise<boolean> {
    try {
      // If a row was at fault, the rows before it can still be written.
      await this.#writeRest().catch(() => undefined);
      await this.#pieces.flush().catch(() => undefined);
      const rows = this.#rowsWritten();
      if (rows === 0) return false;
      for await (const piece of piecesOf(this.#encoder.end(rows)))
        await this.#destination.write(typeof piece === "string" ? Buffer.from(piece) : piece);
      await this.#close();
      return true;
    } catch {
      return false;
    }
  }

  #describeRows(isWhole: boolean): string {
    if (!isWhole && this.#state !== "closed") return "the rows that could be written are";
    const rows = this.#rowsWritten();
    const [first, are] = rows === 1 ? ["the first row", "is"] : [`the first ${rows} rows`, "are"];
    return isWhole ? `${first} ${are}` : `${first}, but not all columns in the header, ${are}`;
  }

  /** The first rows that are in the output, or will be when it is ended. */
  #rowsWritten(): number {
    return this.#encoder.keepsRows === true ? this.#count : this.#pieces.written;
  }

  #stopFlushing(): void {
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
  }

  async #discard(reason: unknown): Promise<void> {
    this.#stopFlushing();
    this.#encoder.close?.();
    // The caller must get the reason, and not a failure of cleaning up.
    await this.#destination.abort(reason).catch(() => undefined);
  }
}

function piecesOf(end: Piece | AsyncIterable<Uint8Array>): AsyncIterable<Piece> | readonly Piece[] {
  return typeof end === "string" || end instanceof Uint8Array ? [end] : end;
}

function requireRow(row: unknown, index: number): void {
  if (typeof row === "object" && row !== null) return;
  throw new ParrotError(
    "INVALID_OPTION",
    `Cannot write ${rowName(index)}: expected an object of columns, got ${describeGiven(row)}`,
    { option: "rows", row: index },
  );
}

/** Runs a function in some milliseconds, or at the end of this turn. Gives the function that cancels it. */
function schedule(delayMs: number, run: () => void): () => void {
  if (delayMs === 0) {
    const immediate = setImmediate(run);
    return () => clearImmediate(immediate);
  }
  const timer = setTimeout(run, delayMs).unref();
  return () => clearTimeout(timer);
}
