import { Packet, type Item, type Row } from "@parallel-parrot/core";
import type { RowSink, SinkOptions } from "../sink/row-sink.ts";
import { notWritten, type OnUnwritable, type UnwritableRow } from "../sink/unwritable-row.ts";

/** A row on its way into a part, with what is known of it. */
export interface RoutedRow {
  readonly row: Row;
  /** The row of the input that it was made of. */
  readonly item: Item | undefined;
  /** Its 0-based place among the rows of all parts. */
  readonly place: number;
}

/** The options with which the file of a lane is opened. */
type LaneHooks = Required<Pick<SinkOptions, "onUnwritable">>;

/** Brings rows to one file of several, and knows their places among the rows of all. */
export class Lane {
  readonly sink: RowSink;
  readonly #writer: WritableStreamDefaultWriter;
  readonly #state: LaneState;

  private constructor(sink: RowSink, state: LaneState) {
    this.sink = sink;
    // It takes packets as well as rows.
    const stream: WritableStream = sink;
    this.#writer = stream.getWriter();
    // Whoever writes or ends it is told.
    this.#writer.closed.catch(() => undefined);
    this.#state = state;
  }

  /** Opens the file by a function that is given the hooks of its sink. */
  static async open(
    open: (hooks: LaneHooks) => RowSink | Promise<RowSink>,
    onUnwritable: OnUnwritable | undefined,
  ): Promise<Lane> {
    const state = new LaneState(onUnwritable);
    const sink = await open({ onUnwritable: (unwritable) => state.replace(unwritable) });
    await sink.opened;
    return new Lane(sink, state);
  }

  /** How many rows the file has. */
  get rows(): number {
    return this.#state.given - this.#state.missing;
  }

  async write(rows: readonly RoutedRow[]): Promise<void> {
    this.#state.begin(rows);
    await this.#writer.write(
      new Packet(
        rows.map(({ row }) => row),
        rows.map(({ item }) => item),
      ),
    );
  }

  /** Ends the file and gives it its name. */
  end(): Promise<void> {
    return this.#writer.close();
  }

  async abort(reason: unknown): Promise<void> {
    await this.#writer.abort(reason).catch(() => undefined);
  }
}

/** The rows that a lane was given, and what became of those that cannot be written. */
class LaneState {
  readonly #onUnwritable: OnUnwritable | undefined;
  #rows: readonly RoutedRow[] = [];
  #before = 0;
  given = 0;
  missing = 0;

  constructor(onUnwritable: OnUnwritable | undefined) {
    this.#onUnwritable = onUnwritable;
  }

  begin(rows: readonly RoutedRow[]): void {
    this.#before = this.given;
    this.#rows = rows;
    this.given += rows.length;
  }

  /** Asks what is written in the place of a row, by its number among the rows of all parts. */
  async replace(unwritable: UnwritableRow): Promise<Row | undefined> {
    const index = this.#rows[unwritable.index - this.#before]?.place ?? unwritable.index;
    if (this.#onUnwritable === undefined) throw notWritten(unwritable.error, index);
    const substitute = await this.#onUnwritable({ ...unwritable, index });
    if (substitute === undefined) this.missing += 1;
    return substitute ?? undefined;
  }
}
