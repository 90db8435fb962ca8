import type { Failed, Item, Parsed, Row, Usage } from "@parallel-parrot/core";
import type { JournalRun } from "@parallel-parrot/journal";
import { pipeline, type PipelineOptions } from "parallel-parrot";

/** What the pipeline makes of a row with what a journal has, and what was paid for that. */
export interface LookedUpRow {
  readonly item: Parsed | Failed;
  readonly usage: Usage;
}

/** How rows are asked; what a look-up decides itself aside. */
type LookUpOptions = Omit<
  PipelineOptions<Row, Row>,
  "checkFirstRow" | "journal" | "reuse" | "onRow" | "rowIndex"
>;

/**
 * Looks rows up in a journal by way of the pipeline itself, so that each is what a run would make of it; nothing is sent.
 * It has to be given all rows of the input in order, because a row's answer is found by how many rows before it have the
 * same prompt.
 */
export class LookedUpRows {
  readonly #writer: WritableStreamDefaultWriter<Row>;
  /** Rejects where the run that looks the rows up breaks off. */
  readonly #ended: Promise<void>;
  readonly #leaving = new AbortController();
  /** The numbers of rows that were written and that nobody has asked for yet, by their positions. */
  readonly #indices = new Map<number, number>();
  #position = 0;
  #batch: Batch = { found: new Map(), missing: 0, done: () => undefined };

  constructor(options: LookUpOptions, journal: JournalRun) {
    const run = pipeline<Row, Row>({
      ...options,
      checkFirstRow: false,
      journal,
      reuse: "only",
      rowIndex: (position) => this.#indexAt(position),
      onRow: (item, usage) => this.#take({ item, usage }),
    });
    this.#writer = run.writable.getWriter();
    this.#ended = run.readable.pipeTo(new WritableStream(), { signal: this.#leaving.signal });
    this.#ended.catch(() => undefined);
  }

  /** What is known of each of the next rows of the input. @throws what breaks the run off */
  async next(items: readonly Item[]): Promise<readonly LookedUpRow[]> {
    if (items.length === 0) return [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const found: Batch["found"] = new Map();
    this.#batch = { found, missing: items.length, done: resolve };
    for (const { index } of items) {
      this.#indices.set(this.#position, index);
      this.#position += 1;
    }
    const taken = Promise.all(items.map(({ row }) => this.#writer.write(row)));
    await Promise.race([Promise.all([promise, taken]), this.#ended]);
    return items.flatMap(({ index }) => found.get(index) ?? []);
  }

  async close(): Promise<void> {
    this.#leaving.abort();
    await this.#ended.catch(() => undefined);
  }

  #indexAt(position: number): number {
    const index = this.#indices.get(position) ?? position;
    this.#indices.delete(position);
    return index;
  }

  #take(row: LookedUpRow): void {
    const batch = this.#batch;
    batch.found.set(row.item.index, row);
    batch.missing -= 1;
    if (batch.missing === 0) batch.done();
  }
}

/** The rows that are being looked up. */
interface Batch {
  /** By the numbers of the rows. */
  readonly found: Map<number, LookedUpRow>;
  missing: number;
  readonly done: () => void;
}
