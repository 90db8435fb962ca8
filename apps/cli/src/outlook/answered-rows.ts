import { isFailed, type Row } from "@parallel-parrot/core";
import type { JournalRun } from "@parallel-parrot/journal";
import type { EarlierAsking } from "@parallel-parrot/transport";
import type { RunOptions } from "../job/run-options.ts";
import { askingOptions } from "../run/pipeline-options.ts";
import { LookedUpRows, type LookedUpRow } from "./looked-up-rows.ts";
import type { Reason } from "./row-outlook.ts";

/** What the journal has for a row: an answer or a failure; `undefined` for a row that would be asked. */
export type Found = Extract<Reason, { readonly kind: "answered" | "failed" | "unaskable" }> | undefined;

/** Tells which rows a journal has answers to. It has to be given all rows of the input in order. */
export class AnsweredRows {
  readonly #rows: LookedUpRows;
  #first = 0;

  /** @param earlier other ways in which the rows were asked */
  constructor(options: RunOptions, journal: JournalRun, earlier: readonly EarlierAsking[] = []) {
    this.#rows = new LookedUpRows({ ...askingOptions(options), earlier }, journal);
  }

  /** What the journal has for each of the next rows of the input. */
  async next(rows: readonly Row[]): Promise<readonly Found[]> {
    const items = rows.map((row, place) => ({ row, index: this.#first + place }));
    this.#first += rows.length;
    return (await this.#rows.next(items)).map(foundOf);
  }

  close(): Promise<void> {
    return this.#rows.close();
  }
}

function foundOf({ item, usage }: LookedUpRow): Found {
  if (!isFailed<Row>(item)) return { kind: "answered", usage };
  const { code, stage, message } = item.failure;
  if (code === "NOT_ASKED") return undefined;
  return stage === "template" ? { kind: "unaskable", message: `${code}: ${message}` } : { kind: "failed" };
}
