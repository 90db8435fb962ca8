import { arraySource, isFailed, type Row } from "@parallel-parrot/core";
import { openSource } from "@parallel-parrot/formats";
import { inspectJournal, type JournalInspection, type JournalRun } from "@parallel-parrot/journal";
import { parseStream } from "@parallel-parrot/parse";
import { promptStream } from "@parallel-parrot/template";
import { completionStream } from "@parallel-parrot/transport";
import { batches } from "./batches.ts";
import { changesBetween } from "./changes-between.ts";
import { checkTemplateColumns } from "./check-template-columns.ts";
import { completionOptions } from "./completion-options.ts";
import { EXIT, type ExitCode } from "./exit-code.ts";
import { Explanation, type Reason } from "./explanation.ts";
import { delimiterOf, formatsOf } from "./formats-of.ts";
import { inputColumns } from "./input-columns.ts";
import { planJob, type GenerateDataOptions, type GenerateTextOptions } from "./plan.ts";
import { askingOf, jobOf, type Job } from "./job.ts";
import { requireJournal } from "./journal-place.ts";
import { readOnlyRun } from "./read-only-run.ts";
import { promptOptions } from "./prompt-options.ts";
import type { RunOptions } from "./run-options.ts";
import { withOutside } from "./with-outside.ts";

/** The options that `parrot explain` adds to those of `parrot text` and `parrot data`. */
export interface ExplainFlags {
  readonly json: boolean;
  /** Rows to show of each kind. */
  readonly rows: number;
}

/** Rows compared at once. */
const BATCH_ROWS = 256;
/** Earlier runs that are compared with, the latest ones. */
const MAX_EARLIER = 5;

/** `parrot explain text` */
export async function explainText(
  input: string,
  options: GenerateTextOptions & ExplainFlags,
): Promise<ExitCode> {
  return explain({ command: "text", input, options: await withOutside(options) }, options);
}

/** `parrot explain data` */
export async function explainData(
  input: string,
  options: GenerateDataOptions & ExplainFlags,
): Promise<ExitCode> {
  return explain({ command: "data", input, options: await withOutside(options) }, options);
}

async function explain(job: Job, flags: ExplainFlags): Promise<ExitCode> {
  const options = await planJob(job, { asks: false });
  const { from } = formatsOf(job.input, "-", options);
  const sourceOptions = { format: from, ...delimiterOf(options) };
  const source = openSource(job.input, sourceOptions);
  const columns = await inputColumns(source, job.input, sourceOptions);
  checkTemplateColumns(job.input, columns, options);
  if (options.journal !== false) await requireJournal(options.journal);
  const journal = options.journal === false ? undefined : await inspectJournal(options.journal);
  const explanation = new Explanation(flags.rows, (reason) => {
    if (flags.json) process.stdout.write(`${JSON.stringify(reason)}\n`);
  });
  try {
    const earlier = journal === undefined ? [] : await earlierRuns(journal, job);
    let first = 0;
    for await (const rows of batches<Row>(source, BATCH_ROWS)) {
      if (first === 0 && columns === undefined)
        checkTemplateColumns(job.input, Object.keys(rows[0] ?? {}), options);
      const reasons =
        journal === undefined
          ? rows.map(() => NEW)
          : await reasonsFor(rows, { first, journal, job, options, earlier });
      for (const [place, reason] of reasons.entries()) explanation.add(first + place, reason);
      first += rows.length;
    }
  } finally {
    journal?.close();
  }
  if (!flags.json) process.stdout.write(explanation.text());
  return EXIT.ok;
}

interface EarlierRun {
  readonly id: number;
  readonly job: Job;
  readonly options: RunOptions;
  /** Rows it was done with. */
  readonly settled: number;
}

const NEW: Reason = { kind: "new" };

/** The latest runs over the same input, each way of asking once. */
async function earlierRuns(journal: JournalInspection, job: Job): Promise<readonly EarlierRun[]> {
  const earlier = new Map<string, EarlierRun>();
  for (const run of journal.runs().toReversed()) {
    const other = jobOf(run.manifest);
    if (other === undefined || other.input !== job.input || other.options.reparse) continue;
    const asking = `${askingOf(other)} ${JSON.stringify(shapeKey(other))}`;
    const known = earlier.get(asking);
    if (known === undefined && earlier.size < MAX_EARLIER) {
      const options = await planJob(other, { asks: false });
      earlier.set(asking, { id: run.id, job: other, options, settled: run.settled });
    } else if (known !== undefined && known.settled < run.settled) {
      earlier.set(asking, { ...known, settled: run.settled });
    }
  }
  return [...earlier.values()];
}

function shapeKey({ command, options }: Job): unknown {
  return [command, "keys" in options ? [options.keys, options.schemaText, options.single] : null];
}

interface Comparison {
  /** Position of the first row. */
  readonly first: number;
  readonly journal: JournalInspection;
  readonly job: Job;
  readonly options: RunOptions;
  readonly earlier: readonly EarlierRun[];
}

async function reasonsFor(rows: readonly Row[], comparison: Comparison): Promise<Reason[]> {
  const { first, journal, job, options, earlier } = comparison;
  const run = readOnlyRun(journal);
  const reasons = new Map<number, Reason>(
    Array.from(await findAnswered(rows, options, run), ([place, kind]) => [place, { kind }]),
  );
  for (const { id, job: other, options: otherOptions } of earlier) {
    const missing = Array.from(rows.keys()).filter((place) => !reasons.has(place));
    if (missing.length === 0) break;
    const changed = changesBetween(other, job);
    if (changed.length === 0) continue;
    const found = await findAnswered(
      missing.map((place) => rows[place] ?? {}),
      otherOptions,
      run,
    );
    for (const [index, place] of missing.entries()) {
      if (found.has(index)) reasons.set(place, { kind: "changed", changed, run: id });
    }
  }
  return Array.from(rows.keys(), (place) => {
    const same = earlier.find((each) => changesBetween(each.job, job).length === 0);
    const wasThere = same !== undefined && first + place < same.settled;
    return reasons.get(place) ?? (wasThere ? { kind: "row", run: same.id } : NEW);
  });
}

/** What the rows came to whose answers are in the journal, by their places. */
async function findAnswered(
  rows: readonly Row[],
  options: RunOptions,
  journal: JournalRun,
): Promise<ReadonlyMap<number, "answered" | "failed">> {
  const answered = new Map<number, "answered" | "failed">();
  const items = arraySource(rows)
    .pipeThrough(promptStream<Row>(options.prompt, promptOptions(options, false)))
    .pipeThrough(
      completionStream(options.provider, {
        ...completionOptions(options),
        output: options.wanted,
        journal,
        reuse: "only",
      }),
    )
    .pipeThrough(parseStream<Row, Row>(options.wanted));
  for await (const item of items) {
    if (!isFailed<Row>(item)) answered.set(item.index, "answered");
    else if (item.failure.code !== "NOT_ASKED") answered.set(item.index, "failed");
  }
  return answered;
}
