import {
  flatMapStream,
  itemsOf,
  originsOf,
  Packet,
  PacketStream,
  ParrotError,
  type Row,
  type Stage,
} from "@parallel-parrot/core";
import {
  isArrowRecordBatch,
  openBatchFrame,
  type ArrowFrame,
  type ArrowRecordBatch,
  type FrameBuilder,
  type FrameColumn,
  type OnUnwritable,
} from "@parallel-parrot/formats";
import { addToFrame } from "./add-to-frame.ts";

/** A record batch that went in, and where its rows stand among all. */
interface OpenBatch {
  readonly frame: ArrowFrame;
  readonly start: number;
  readonly end: number;
}

/** What has to be known to make record batches of the rows that come out. */
export interface BatchStagesOptions {
  /** The columns that come out of an input with these. */
  readonly columnsOf: (input: readonly string[]) => FrameColumn[];
  readonly onUnwritable: OnUnwritable;
  /** Whether the rows come out in the order in which they went in. */
  readonly isInOrder: boolean;
}

/**
 * What stands before and behind a run whose rows may come in record batches of Arrow: then they come out in record
 * batches too, one for each that went in. Other rows go through as they are.
 */
export class BatchStages {
  readonly #options: BatchStagesOptions;
  readonly #batches: OpenBatch[] = [];
  #rows = 0;
  #kind: "rows" | "batches" | undefined;
  #builder: FrameBuilder | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(options: BatchStagesOptions) {
    this.#options = options;
  }

  /** Makes rows of the record batches that go in. */
  before(): Stage<unknown, unknown> {
    return flatMapStream((chunk: unknown) => this.#take(chunk));
  }

  /** Makes record batches of the rows that come out. */
  behind(rows: ReadableStream<Row>): ReadableStream<unknown> {
    const chunks: ReadableStream<unknown> =
      (rows instanceof PacketStream ? rows.takePackets() : undefined) ?? rows;
    const reader = chunks.getReader();
    const made = new ReadableStream<Packet<unknown>>(
      {
        pull: async (controller) => {
          if (this.#failure !== undefined) throw this.#failure.error;
          const { items, isEnd } = await this.#next(reader);
          if (items !== undefined) controller.enqueue(items);
          if (isEnd && this.#failure === undefined) controller.close();
        },
        cancel: (reason) => reader.cancel(reason),
      },
      { highWaterMark: 0 },
    );
    return new PacketStream(made);
  }

  #take(chunk: unknown): Iterable<unknown> {
    const isBatch = isArrowRecordBatch(chunk);
    const kind = isBatch ? "batches" : "rows";
    this.#kind ??= kind;
    if (kind !== this.#kind) throw invalidRows("record batches and other rows come in one stream");
    return isBatch ? this.#open(chunk) : [chunk];
  }

  #open(batch: ArrowRecordBatch): Iterable<Row> {
    if (!this.#options.isInOrder)
      throw invalidRows(
        'record batches come out in the order in which they went in; leave out order: "completion"',
      );
    const frame = openBatchFrame(batch);
    this.#batches.push({ frame, start: this.#rows, end: this.#rows + batch.numRows });
    this.#rows += batch.numRows;
    return frame.rowsOf(0);
  }

  /** The next rows or record batches that are made. What was finished before an error comes out before it. */
  async #next(
    reader: ReadableStreamDefaultReader<unknown>,
  ): Promise<{ readonly items: Packet<unknown> | undefined; readonly isEnd: boolean }> {
    for (;;) {
      const read = await reader.read().catch((error: unknown) => {
        this.#failure = { error };
        return { done: true, value: undefined };
      });
      if (read.done) {
        const last = this.#kind === "batches" ? await this.#finish() : undefined;
        if (last === undefined && this.#failure !== undefined) throw this.#failure.error;
        return { items: last === undefined ? undefined : new Packet([last]), isEnd: true };
      }
      const { value } = read;
      if (this.#kind !== "batches") {
        const items = value instanceof Packet ? (value as Packet<unknown>) : new Packet([value]);
        return { items, isEnd: false };
      }
      const made = await this.#add(value);
      if (made.length > 0) return { items: new Packet(made), isEnd: false };
    }
  }

  /** Adds rows to the batch that they are of, and gives the batches before it, of which no more rows come. */
  async #add(chunk: unknown): Promise<unknown[]> {
    const made: unknown[] = [];
    const origins = originsOf(chunk);
    for (const [place, row] of itemsOf(chunk as Row).entries()) {
      const item = origins?.[place];
      const index = item?.index ?? 0;
      while ((this.#batches[0]?.end ?? Infinity) <= index) {
        const batch = await this.#finish();
        if (batch !== undefined) made.push(batch);
      }
      const [first] = this.#batches;
      if (first === undefined) continue;
      this.#builder ??= first.frame.build(this.#options.columnsOf(first.frame.columns));
      const own = item === undefined ? undefined : { ...item, index: index - first.start };
      await addToFrame(this.#builder, row, own, {
        onUnwritable: (told) => this.#options.onUnwritable({ ...told, index, item }),
      });
    }
    return made;
  }

  /** The batch that is made of the first that is open; nothing where none of its rows came out. */
  async #finish(): Promise<unknown> {
    this.#batches.shift();
    const builder = this.#builder;
    this.#builder = undefined;
    return builder?.finish();
  }
}

function invalidRows(why: string): ParrotError {
  return new ParrotError("INVALID_OPTION", `Cannot read the rows: ${why}`, { option: "rows" });
}
