import type { Item } from "@parallel-parrot/core";
import type { InputDigest } from "@parallel-parrot/formats";
import { sampleStream } from "@parallel-parrot/tidy";
import { learnedQueueLimit } from "@parallel-parrot/transport";
import { collect } from "@parallel-parrot/core";
import type { Job } from "../job/job.ts";
import type { RunOptions } from "../job/run-options.ts";
import { providerFor } from "../by-row/own-of.ts";
import { MeasuredAnswers } from "./measured-answers.ts";
import { Outlook } from "../outlook/outlook.ts";
import { isAsked, type Reason, type RowOutlook } from "../outlook/row-outlook.ts";

/** The rows of a job: how many of them would be asked, and a sample of those. */
export interface InputSample {
  readonly items: readonly Item[];
  /** All rows of the output that are made of rows of the input. */
  readonly rows: number;
  /** Rows by what would become of them. */
  readonly counts: Readonly<Record<Reason["kind"], number>>;
  /** Rows that would be asked, of which the sample was drawn. */
  readonly toAsk: number;
  /** Rows that would be asked although an earlier row has the same prompt. */
  readonly equalToAsk: number;
  /** Rows with the prompt of an earlier row. */
  readonly equal: number;
  /** What the answers in the journal took. */
  readonly measured: MeasuredAnswers;
  /** Why the first row without a prompt has none. */
  readonly firstProblem: string | undefined;
  readonly digest: InputDigest | undefined;
  /** The most that jobs may queue at the batch API, as the journal tells it; `undefined` where it does not. */
  readonly queueLimit: number | undefined;
  /** Lines that tell which rows of the input would be asked. */
  readonly selection: readonly string[];
}

/**
 * Reads the input once, looks each row up in the journal, and draws the sample from the rows that would be asked.
 *
 * @param onRow is told each row that a run would work on
 */
export async function sampleInput(
  job: Job,
  options: RunOptions,
  size: number,
  onRow: (row: RowOutlook) => void = () => undefined,
): Promise<InputSample> {
  const outlook = await Outlook.open(job, options);
  const counts = {
    answered: 0,
    failed: 0,
    unaskable: 0,
    passes: 0,
    shared: 0,
    fresh: 0,
    changed: 0,
    row: 0,
    new: 0,
  };
  let [toAsk, equalToAsk] = [0, 0];
  const measured = new MeasuredAnswers();
  let firstProblem: string | undefined;
  async function* askedRows(): AsyncGenerator<Item> {
    for await (const seen of outlook.rows()) {
      const { row, index, reason, equalPrompt } = seen;
      onRow(seen);
      counts[reason.kind] += 1;
      if (reason.kind === "answered")
        measured.add(providerFor(row, options).model, { item: { row, index }, usage: reason.usage });
      if (reason.kind === "unaskable") firstProblem ??= reason.message;
      if (!isAsked(reason)) continue;
      toAsk += 1;
      if (equalPrompt !== undefined) equalToAsk += 1;
      yield { row, index };
    }
  }
  try {
    const drawn = sampleStream<Item>({ size, seed: options.sampleSeed });
    const items = await collect(ReadableStream.from(askedRows()).pipeThrough(drawn));
    const { count: rows, equal, digest } = outlook;
    const selection = outlook.selectionLines();
    const queueLimit = options.batch ? learnedQueueLimit(outlook.batchJobs, options.provider) : undefined;
    return {
      items,
      rows,
      counts,
      toAsk,
      equalToAsk,
      equal,
      measured,
      firstProblem,
      digest,
      queueLimit,
      selection,
    };
  } finally {
    outlook.close();
  }
}
