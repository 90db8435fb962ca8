import { stringifyJson, type Row } from "@parallel-parrot/core";
import type { JournalInspection } from "@parallel-parrot/journal";
import { AnsweredRows } from "./answered-rows.ts";
import { batches } from "./batches.ts";
import { changesBetween } from "../job/changes-between.ts";
import { checkHeaders } from "../input/check-headers.ts";
import { describeInputs } from "../input/describe-inputs.ts";
import { checkTemplateColumns } from "../input/check-template-columns.ts";
import { EqualSaving } from "./equal-saving.ts";
import type { EXPLAIN_FLAGS } from "../flags/commands/explain-flags.ts";
import type { ValuesOf } from "../flags/flag.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { Explanation, type Reason } from "./explanation.ts";
import { inputColumns } from "../input/input-columns.ts";
import { rowInput } from "../input/row-input.ts";
import { askSameRows } from "../selection/covers-rows.ts";
import { describeSelection } from "../selection/describe-selection.ts";
import { madeInput } from "../selection/made-input.ts";
import { requireSelected, Selection } from "../selection/selection.ts";
import { History } from "../job/history.ts";
import type { GenerateDataOptions } from "../flags/options.ts";
import { planJob } from "../job/plan.ts";
import { askingOf } from "../job/identity.ts";
import { jobOf, withOptions, type Job } from "../job/job.ts";
import { inspectPlace } from "../journal/journal-place.ts";
import { ownRuns } from "../journal/own-runs.ts";
import { readOnlyRun } from "../journal/read-only-run.ts";
import { print, printJson } from "../terminal/print.ts";
import { say } from "../terminal/report.ts";
import { tellNotes } from "../terminal/tell-notes.ts";
import { earlierAskings } from "../job/retry-change.ts";
import { Reasons } from "./reasons.ts";
import type { RunOptions } from "../job/run-options.ts";
import { inlineFiles } from "../job/inline-files.ts";

/** The options that `parrot explain` adds to those of the command that it explains. */
export type ExplainFlags = ValuesOf<typeof EXPLAIN_FLAGS>;

/** Rows that are looked up together. */
const BATCH_ROWS = 256;
/** Most earlier runs that are compared with; the latest are taken. */
const MAX_EARLIER = 5;

/** `parrot explain text`, `parrot explain columns` and `parrot explain data`. */
export async function explain(typed: Job, flags: ExplainFlags): Promise<ExitCode> {
  const job = withOptions(typed, await inlineFiles(typed.options));
  const options = await planJob(job, { asks: false });
  tellNotes(options);
  const input = await madeInput(await rowInput(job.inputs, options), options);
  let isWhole = false;
  const source = input.open({ onDigest: () => (isWhole = true) });
  const columns = await inputColumns(source, input);
  await checkHeaders(input, columns, (name, own) => checkTemplateColumns(name, own, options));
  requireSelected(input.name, columns, options);
  for (const line of await describeInputs(input)) say(line);
  const selection = new Selection(options);
  const asked = selection.rowsOf(source, (row, index) => {
    if (columns !== undefined || index > 0) return;
    checkTemplateColumns(input.name, Object.keys(row), options);
    requireSelected(input.name, Object.keys(row), options);
  });
  const journal =
    options.journal === false
      ? undefined
      : await inspectPlace(options.journal, { trust: options.trustJournal });
  if (journal !== undefined && !options.trustJournal) tellOthers(journal);
  const explanation = new Explanation(flags.rows, (reason) => {
    if (flags.json) printJson(`${JSON.stringify(reason)}\n`);
  });
  const saving = await EqualSaving.of(options);
  let reasons: Reasons | undefined;
  let position = 0;
  try {
    reasons = journal === undefined ? undefined : await reasonsOf(journal, job, options);
    for await (const rows of batches<Row>(asked, BATCH_ROWS)) {
      const found = (await reasons?.next(rows)) ?? rows.map(() => NEW);
      for (const [place, row] of rows.entries()) {
        explanation.add(saving.next(row, found[place] ?? NEW), selection.rowIndex(position));
        position += 1;
      }
    }
  } finally {
    saving.close();
    await reasons?.close();
    journal?.close();
  }
  for (const line of describeSelection(selection, options, isWhole)) say(line);
  if (!flags.json) print(explanation.text(saving.lines()));
  return EXIT.ok;
}

/** Tells of runs without the user's signature, at which a run would stop. */
function tellOthers(journal: JournalInspection): void {
  const others = journal.runs().filter(({ origin }) => origin === "foreign" || origin === "damaged");
  if (others.length === 0) return;
  say(
    `${journal.path} has runs that are not signed by you (${others.map(({ id }) => id).join(", ")}): their answers are not counted, and a run would stop. --trust-journal takes their answers over as yours`,
  );
}

interface EarlierRun {
  readonly id: number;
  readonly job: Job;
  readonly options: RunOptions;
  /** Rows from the first on that the run had finished; 0 where it did not ask the same rows. */
  readonly settled: number;
}

const NEW: Reason = { kind: "new" };

/** The latest runs over the same input, one for each way of asking. */
async function earlierRuns(journal: JournalInspection, job: Job): Promise<readonly EarlierRun[]> {
  const earlier = new Map<string, EarlierRun>();
  for (const run of ownRuns(journal.runs()).toReversed()) {
    const other = jobOf(run.manifest);
    if (
      other === undefined ||
      stringifyJson(other.inputs) !== stringifyJson(job.inputs) ||
      other.options.reparse
    )
      continue;
    const settled = askSameRows(other.options, job.options) ? run.settled : 0;
    const asking = `${askingOf(other)} ${JSON.stringify(shapeKey(other))}`;
    const known = earlier.get(asking);
    if (known === undefined && earlier.size < MAX_EARLIER) {
      const options = await planJob(other, { asks: false });
      earlier.set(asking, { id: run.id, job: other, options, settled });
    } else if (known !== undefined && known.settled < settled) {
      earlier.set(asking, { ...known, settled });
    }
  }
  return [...earlier.values()];
}

function shapeKey({ command, options }: Job): unknown {
  const { keys, schemaText, single }: Partial<GenerateDataOptions> = options;
  const reading = command === "text" ? null : [keys, schemaText, single];
  return [command, options.askEqualOnce, reading];
}

/**
 * Compares with what the journal has: answers to the same requests, and answers to requests of earlier runs that
 * differ.
 */
async function reasonsOf(journal: JournalInspection, job: Job, options: RunOptions): Promise<Reasons> {
  const run = readOnlyRun(journal);
  const earlier = await earlierRuns(journal, job);
  const retries = new History(journal).retriesOf(job);
  return new Reasons(
    new AnsweredRows(options, run, await earlierAskings(job, { retries, now: job })),
    earlier.map(({ id, job: other, options: otherOptions, settled }) => {
      const changed = changesBetween(other, job);
      const isSame = changed.length === 0;
      return {
        run: id,
        changed,
        settled,
        answered: isSame ? undefined : new AnsweredRows(otherOptions, run),
      };
    }),
  );
}
