import { isFailed, type Failed, type Parsed, type Row } from "@parallel-parrot/core";
import type { JournalRun } from "@parallel-parrot/journal";
import { parseStream } from "@parallel-parrot/parse";
import { promptStream } from "@parallel-parrot/template";
import { completionStream, type EarlierAsking } from "@parallel-parrot/transport";
import { completionOptions } from "../run/completion-options.ts";
import { promptOptions } from "../run/prompt-options.ts";
import type { RunOptions } from "../flags/run-options.ts";

/** What a row came to whose answer is in a journal; `undefined` for one that would be asked. */
export type Found = "answered" | "failed" | undefined;

/**
 * Looks rows up in a journal. To be given all rows of the input in their order: how many rows before it have its
 * prompt is a part of what finds a row's answer.
 */
export class AnsweredRows {
  readonly #rows: WritableStreamDefaultWriter<Row>;
  readonly #items: ReadableStreamDefaultReader<Parsed | Failed>;
  #first = 0;

  /** @param earlier other ways in which the rows were asked */
  constructor(options: RunOptions, journal: JournalRun, earlier: readonly EarlierAsking[] = []) {
    const rows = new TransformStream<Row, Row>();
    this.#rows = rows.writable.getWriter();
    this.#items = rows.readable
      .pipeThrough(promptStream<Row>(options.prompt, promptOptions(options, false, earlier)))
      .pipeThrough(
        completionStream(options.provider, {
          ...completionOptions(options),
          output: options.wanted,
          journal,
          reuse: "only",
          earlier,
        }),
      )
      .pipeThrough(parseStream<Row, Row>(options.wanted))
      .getReader();
  }

  /** What the next rows of the input came to, each at its place. */
  async next(rows: readonly Row[]): Promise<readonly Found[]> {
    const [found] = await Promise.all([this.#read(rows.length), ...rows.map((row) => this.#rows.write(row))]);
    this.#first += rows.length;
    return found;
  }

  async close(): Promise<void> {
    await this.#items.cancel();
  }

  async #read(count: number): Promise<readonly Found[]> {
    const found: Found[] = Array.from({ length: count }, () => undefined);
    for (let read = 0; read < count; read++) {
      const { value } = await this.#items.read();
      if (value !== undefined) found[value.index - this.#first] = foundOf(value);
    }
    return found;
  }
}

function foundOf(item: Parsed | Failed): Found {
  if (!isFailed<Row>(item)) return "answered";
  return item.failure.code === "NOT_ASKED" ? undefined : "failed";
}
