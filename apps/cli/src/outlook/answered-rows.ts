import { isFailed, type Failed, type Parsed, type Row, type Usage } from "@parallel-parrot/core";
import type { JournalRun } from "@parallel-parrot/journal";
import type { EarlierAsking } from "@parallel-parrot/transport";
import { pipeline } from "parallel-parrot";
import type { RunOptions } from "../job/run-options.ts";
import { askingOptions } from "../run/pipeline-options.ts";
import type { Reason } from "./row-outlook.ts";

/** What the journal has for a row: an answer or a failure; `undefined` for a row that would be asked. */
export type Found = Extract<Reason, { readonly kind: "answered" | "failed" | "unaskable" }> | undefined;

/**
 * Looks rows up in a journal. It has to be given all rows of the input in order, because a row's answer is found by how
 * many rows before it have the same prompt.
 */
export class AnsweredRows {
  readonly #writer: WritableStreamDefaultWriter<Row>;
  /** Rejects where the run that looks the rows up breaks off. */
  readonly #ended: Promise<void>;
  readonly #leaving = new AbortController();
  #batch: Batch = { found: [], missing: 0, done: () => undefined };
  #first = 0;

  /** @param earlier other ways in which the rows were asked */
  constructor(options: RunOptions, journal: JournalRun, earlier: readonly EarlierAsking[] = []) {
    const run = pipeline<Row, Row>({
      ...askingOptions(options),
      checkFirstRow: false,
      journal,
      reuse: "only",
      earlier,
      onRow: (item, usage) => this.#take(item, usage),
    });
    this.#writer = run.writable.getWriter();
    this.#ended = run.readable.pipeTo(new WritableStream(), { signal: this.#leaving.signal });
    this.#ended.catch(() => undefined);
  }

  /** What the journal has for each of the next rows of the input. */
  async next(rows: readonly Row[]): Promise<readonly Found[]> {
    if (rows.length === 0) return [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const found: Found[] = rows.map(() => undefined);
    this.#batch = { found, missing: rows.length, done: resolve };
    const taken = Promise.all(rows.map((row) => this.#writer.write(row)));
    await Promise.race([Promise.all([promise, taken]), this.#ended]);
    this.#first += rows.length;
    return found;
  }

  async close(): Promise<void> {
    this.#leaving.abort();
    await this.#ended.catch(() => undefined);
  }

  #take(item: Parsed | Failed, usage: Usage): void {
    const batch = this.#batch;
    batch.found[item.index - this.#first] = foundOf(item, usage);
    batch.missing -= 1;
    if (batch.missing === 0) batch.done();
  }
}

/** The rows that are being looked up. */
interface Batch {
  readonly found: Found[];
  missing: number;
  readonly done: () => void;
}

function foundOf(item: Parsed | Failed, usage: Usage): Found {
  if (!isFailed<Row>(item)) return { kind: "answered", usage };
  const { code, stage, message } = item.failure;
  if (code === "NOT_ASKED") return undefined;
  return stage === "template" ? { kind: "unaskable", message: `${code}: ${message}` } : { kind: "failed" };
}
