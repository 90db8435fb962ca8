import type { Item, Row } from "@parallel-parrot/core";
import type { InputDigest, RowSource } from "@parallel-parrot/formats";
import type { JournalInspection, StoredJob } from "@parallel-parrot/journal";
import { checkHeaders } from "../input/check-headers.ts";
import { checkTemplateColumns } from "../input/check-template-columns.ts";
import { describeInputs } from "../input/describe-inputs.ts";
import type { RowInput } from "../input/row-input.ts";
import { rowInput } from "../input/row-input.ts";
import { SeenColumns } from "../input/seen-columns.ts";
import type { Job } from "../job/job.ts";
import type { RunOptions } from "../job/run-options.ts";
import { findPlace } from "../journal/journal-place.ts";
import { describeSelection } from "../selection/describe-selection.ts";
import { madeInput } from "../selection/made-input.ts";
import { whenTest } from "../selection/when-test.ts";
import { requireSelected, Selection } from "../selection/selection.ts";
import { say } from "../terminal/report.ts";
import { batches } from "./batches.ts";
import { EqualInput } from "./equal-input.ts";
import { reasonsOf } from "./reasons.ts";
import type { Reason, RowOutlook } from "./row-outlook.ts";

/** Rows that are looked up together. */
const BATCH_ROWS = 256;

/**
 * What a run of a job would do now: which rows it would ask, and which need no request, as the journal has their
 * answers or an equal row has it. The input is read once, so that standard input works too; nothing is asked and
 * nothing is changed.
 */
export class Outlook {
  /** Rows that a run would work on so far, asked or not. */
  get count(): number {
    return this.#selection.asked;
  }

  /** Rows so far that have the prompt of an earlier row. */
  get equal(): number {
    return this.#equal.count;
  }

  /** The digest of the input, once it was read to its end. */
  get digest(): InputDigest | undefined {
    return this.#digest;
  }

  /** The jobs at batch APIs that the journal keeps, oldest first. */
  get batchJobs(): readonly StoredJob[] {
    return this.#journal?.batchJobs() ?? [];
  }

  readonly #options: RunOptions;
  readonly #input: RowInput;
  readonly #source: RowSource;
  readonly #selection: Selection;
  readonly #equal: EqualInput;
  readonly #journal: JournalInspection | undefined;
  readonly #job: Job;
  readonly #test: ((row: Row, index: number) => boolean) | undefined;
  #digest: InputDigest | undefined;

  /** Opens the input and the journal, and checks what can be checked before a row is read. */
  static async open(job: Job, options: RunOptions): Promise<Outlook> {
    const input = await madeInput(await rowInput(job.inputs, options), options);
    const journal =
      options.journal === false || options.fresh
        ? undefined
        : await findPlace(options.journal, { trust: options.trustJournal });
    if (journal !== undefined && !options.trustJournal) tellOthers(journal);
    return new Outlook(job, options, { input, journal });
  }

  private constructor(
    job: Job,
    options: RunOptions,
    { input, journal }: { readonly input: RowInput; readonly journal: JournalInspection | undefined },
  ) {
    this.#job = job;
    this.#options = options;
    this.#input = input;
    this.#journal = journal;
    this.#source = input.open({ onDigest: (digest) => (this.#digest = digest) });
    this.#selection = new Selection(options);
    this.#equal = new EqualInput(options);
    this.#test = whenTest(options);
  }

  /** The rows that a run would work on, in order. */
  async *rows(): AsyncGenerator<RowOutlook> {
    const { name } = this.#input;
    const header = await this.#source.columns();
    await checkHeaders(this.#input, header, (file, own) => checkTemplateColumns(file, own, this.#options));
    requireSelected(name, header, this.#options);
    for (const line of await describeInputs(this.#input)) say(line);
    const columns = new SeenColumns(header);
    const asked = this.#selection.rowsOf(this.#source, (row) => columns.add(row));
    const reasons = this.#journal && (await reasonsOf(this.#journal, this.#job, this.#options));
    try {
      let position = 0;
      for await (const rows of batches<Row>(asked, BATCH_ROWS)) {
        const first = position;
        position += rows.length;
        const items = rows.map((row, place) => ({ row, index: this.#selection.rowIndex(first + place) }));
        const found = await reasons?.next(items);
        for (const [place, item] of items.entries()) yield this.#look(item, found?.[place]);
      }
    } finally {
      await reasons?.close();
    }
    checkTemplateColumns(name, columns.all, this.#options);
    requireSelected(name, columns.all, this.#options);
  }

  /** Lines that tell which rows of the input were selected. */
  selectionLines(): readonly string[] {
    return describeSelection(this.#selection, this.#options, this.#digest !== undefined);
  }

  close(): void {
    this.#equal.close();
    this.#journal?.close();
  }

  #look({ row, index }: Item, found: Reason | undefined): RowOutlook {
    if (this.#test?.(row, index) === false) return { row, index, equalPrompt: undefined, reason: PASSES };
    const { prompt: equalPrompt, problem } = this.#equal.next(row, index);
    if (problem !== undefined) return { row, index, equalPrompt, reason: problem };
    const reason = found ?? (this.#options.fresh ? FRESH : NEW);
    const isShared =
      equalPrompt !== undefined &&
      this.#options.askEqualOnce &&
      !["answered", "failed", "unaskable"].includes(reason.kind);
    return { row, index, equalPrompt, reason: isShared ? SHARED : reason };
  }
}

const PASSES: Reason = { kind: "passes" };
const NEW: Reason = { kind: "new" };
const FRESH: Reason = { kind: "fresh" };
const SHARED: Reason = { kind: "shared" };

/** Tells of runs without the user's signature, at which a run would stop. */
function tellOthers(journal: JournalInspection): void {
  const others = journal.runs().filter(({ origin }) => origin === "foreign" || origin === "damaged");
  if (others.length === 0) return;
  say(
    `${journal.path} has runs that are not signed by you (${others.map(({ id }) => id).join(", ")}): their answers are not counted, and a run would stop. --trust-journal takes their answers over as yours`,
  );
}
