import { isFailed, NO_USAGE, type Choice, type Item, type Message, type Row } from "@parallel-parrot/core";
import type { InputDigest, RowSource } from "@parallel-parrot/formats";
import type { JournalInspection, RunSummary } from "@parallel-parrot/journal";
import type { Provider } from "@parallel-parrot/providers";
import { compilePrompt, promptItem } from "@parallel-parrot/template";
import { isModelByRow, type EarlierAsking } from "@parallel-parrot/transport";
import type { ExportedRow, ExportFormat, KeptResponse, OpenRun, ReadRow } from "@parallel-parrot/ui";
import { comparedModels, MODEL_COLUMN, numberOf } from "../compare/compared-models.ts";
import type { RowInput } from "../input/row-input.ts";
import { rowInput } from "../input/row-input.ts";
import { History } from "../job/history.ts";
import { howOf, inputHashOf } from "../job/job.ts";
import { planJob } from "../job/plan.ts";
import { rereadableJob } from "../job/rereadable-job.ts";
import { changedJob } from "../job/retry-change.ts";
import { writesOutput } from "../job/run-kind.ts";
import type { RunOptions } from "../job/run-options.ts";
import { batches } from "../outlook/batches.ts";
import { LookedUpRows, type LookedUpRow } from "../outlook/looked-up-rows.ts";
import { askingOptions } from "../run/pipeline-options.ts";
import { wayOfAsking } from "../run/way-of-asking.ts";
import { madeInput } from "../selection/made-input.ts";
import { Selection } from "../selection/selection.ts";
import { allSteps } from "../steps/all-steps.ts";
import { exportRows } from "./export-rows.ts";
import { FoundResponses } from "./found-responses.ts";
import { stepRows, type StepRow } from "./step-rows.ts";
import { wholeRunOf } from "./whole-run.ts";

/** Rows that are looked up together. */
const BATCH_ROWS = 256;

/**
 * Begins to read a run again: its input, and what the journal has for each row by now. That is what the same command would
 * make of it if it asked for nothing.
 *
 * @throws Error that says why it cannot be read
 */
export async function replayRun(asked: RunSummary, journal: JournalInspection): Promise<ReplayedRun> {
  const { run, step } = wholeRunOf(asked, journal.runs());
  const job = rereadableJob(run);
  const how = howOf(run.manifest);
  const options = await planJob(changedJob(job, how.change ?? {}), { asks: false });
  const input = await madeInput(await rowInput(job.inputs, options), options);
  if (!(await input.canBeReadAgain()))
    throw new Error("its input was standard input or a pipe, which can be read only once");
  const { earlier, requestOutput } = await wayOfAsking(
    job,
    { fresh: false, reparse: options.reparse },
    { history: new History(journal), how },
  );
  return new ReplayedRun(run, journal, {
    whole: options,
    place: placeOfStep(options, step),
    input,
    earlier,
    requestOutput,
  });
}

const CHANGED =
  "The input has changed since: its rows are shown as they are now, with the answers that the journal has for them";

interface Replay {
  /** The whole run. */
  readonly whole: RunOptions;
  /** The place of the step that is shown; 0 for the first, or a run of one. */
  readonly place: number;
  readonly input: RowInput;
  readonly earlier: readonly EarlierAsking[];
  readonly requestOutput: RunOptions["wanted"] | undefined;
}

/** A run that was read again. */
export class ReplayedRun implements OpenRun {
  readonly #run: RunSummary;
  readonly #journal: JournalInspection;
  readonly #replay: Replay;
  /** How the step asks. */
  readonly #options: RunOptions;
  readonly #template: ReturnType<typeof compilePrompt<Row>>;
  #digest: InputDigest | undefined;

  constructor(run: RunSummary, journal: JournalInspection, replay: Replay) {
    this.#run = run;
    this.#journal = journal;
    this.#replay = replay;
    this.#options = allSteps(replay.whole)[replay.place] ?? replay.whole;
    this.#template = compilePrompt<Row>(this.#options.prompt);
  }

  get note(): string | undefined {
    const then = inputHashOf(this.#run.manifest);
    const hasChanged = this.#digest !== undefined && then !== undefined && then !== this.#digest.sha256;
    const { later = [] } = this.#replay.whole;
    const number = this.#replay.place + 1;
    const notes = [
      ...(hasChanged ? [CHANGED] : []),
      ...(later.length === 0
        ? []
        : [
            `Here is what step ${number} of ${later.length + 1}, ${this.#options.name ?? ""}, has asked and got; each step is listed as a run`,
          ]),
    ];
    return notes.length === 0 ? undefined : notes.join(". ");
  }

  get modelColumn(): string | undefined {
    return comparedModels(this.#options).length === 0 ? undefined : MODEL_COLUMN;
  }

  async *rows(): AsyncGenerator<readonly ReadRow[]> {
    const { input, place } = this.#replay;
    const responses = new FoundResponses(this.#journal);
    const selection = new Selection(this.#replay.whole);
    const source = input.open({ onDigest: (digest) => (this.#digest = digest) });
    // Previews and estimates look at some of the rows, and which ones is not kept.
    const showsAll = writesOutput(this.#run);
    const packets =
      place === 0
        ? this.#firstRows(source, selection, responses)
        : stepRows(ReadableStream.from(selection.rowsOf(source)), {
            options: this.#replay.whole,
            place,
            journal: this.#journal,
            responses,
            rowIndex: selection.rowIndex,
          });
    for await (const rows of packets) {
      const read = rows.map((row) => readRow(row, responses, this.#options));
      yield showsAll ? read : read.filter(({ state }) => state !== "missing");
    }
  }

  async *#firstRows(
    source: RowSource,
    selection: Selection,
    responses: FoundResponses,
  ): AsyncGenerator<readonly LookedUpRow[]> {
    const { earlier, requestOutput } = this.#replay;
    const { rowParams, ...asking } = askingOptions(this.#options);
    const lookedUp = new LookedUpRows(
      {
        ...asking,
        ...(requestOutput === undefined ? {} : { requestOutput }),
        ...responses.noted({ rowParams }),
        earlier: earlier.map((each) => responses.noted(each)),
      },
      responses.journal,
    );
    try {
      let position = 0;
      for await (const rows of batches<Row>(selection.rowsOf(source), BATCH_ROWS)) {
        const first = position;
        position += rows.length;
        const items = rows.map((row, at): Item => ({ row, index: selection.rowIndex(first + at) }));
        yield await lookedUp.next(items);
      }
    } finally {
      await lookedUp.close();
    }
  }

  promptOf(row: Row, index: number): readonly Message[] | undefined {
    const item = promptItem(this.#template, row, index);
    return isFailed<Row>(item) ? undefined : item.prompt.messages;
  }

  responsesOf(keys: readonly string[], row: Row): readonly KeptResponse[] {
    const { earlier } = this.#replay;
    const providers = [this.#options.provider, ...earlier.map(({ provider }) => provider)];
    return keys.flatMap((key) => {
      const record = this.#journal.find(key);
      if (record === undefined) return [];
      const { run, status, code, sentAt, durationMs, attempts, usage, cost, body } = record;
      return {
        run,
        status,
        ...(code === undefined ? {} : { code }),
        sentAt,
        durationMs,
        attempts,
        usage,
        ...(cost === undefined ? {} : { cost }),
        body,
        choices: choicesIn(record, providers, row),
      };
    });
  }

  exportRows(
    format: ExportFormat,
    rows: () => AsyncIterable<ExportedRow>,
    into: WritableStream<Uint8Array>,
  ): Promise<void> {
    return exportRows(rows, { format, options: this.#options }, into);
  }

  close(): void {
    this.#journal.close();
  }
}

function readRow(
  { item, usage, origin }: Partial<StepRow> & LookedUpRow,
  responses: FoundResponses,
  options: RunOptions,
): ReadRow {
  const { index, row } = item;
  const { keys = [], attempts = 0, durationMs, cost, sentAt } = responses.of(row) ?? {};
  const model = modelOf(options.provider, row);
  const known = {
    index,
    row,
    keys,
    ...(durationMs === undefined ? {} : { durationMs }),
    ...(cost === undefined ? {} : { cost }),
    ...(sentAt === undefined ? {} : { sentAt }),
    ...(model === undefined ? {} : { model }),
    origin: origin ?? numberOf(index, options),
  };
  if (!isFailed<Row>(item)) {
    const { outputs, warnings, passes } = item;
    return { ...known, state: passes === true ? "passed" : "answered", outputs, warnings, usage, attempts };
  }
  const { failure } = item;
  if (failure.code === "NOT_ASKED")
    return { ...known, state: "missing", outputs: [], warnings: [], usage: NO_USAGE, attempts };
  const { stage, code, message, answer } = failure;
  return {
    ...known,
    state: "failed",
    failure: { stage, code, message, ...(answer === undefined ? {} : { answer }) },
    outputs: [],
    warnings: [],
    usage,
    attempts: Math.max(failure.attempts, attempts),
  };
}

/** The place of a step among those of its run. @throws Error where there is no such step any more */
function placeOfStep(options: RunOptions, step: string | undefined): number {
  if (step === undefined) return 0;
  const place = allSteps(options).findIndex(({ name }) => name === step);
  if (place === -1) throw new Error(`its run has no step ${step}`);
  return place;
}

/** The model that a row was asked of, where rows name it; `undefined` also where a row names none that there is. */
function modelOf(provider: Provider, row: Row): string | undefined {
  if (!isModelByRow(provider)) return undefined;
  try {
    return provider.nameOf(row);
  } catch {
    return undefined;
  }
}

/** The choices in a response, read as the first of the providers does that can; none where it is a refusal. */
function choicesIn(
  { status, body }: { readonly status: number; readonly body: string },
  providers: readonly Provider[],
  row: Row,
): readonly Choice[] {
  for (const provider of providers) {
    try {
      const one = providerFor(provider, row);
      const answer = one?.readResponse({ status, headers: {}, body }, new Set());
      if (answer?.ok !== true) continue;
      return answer.completion.choices;
    } catch {
      // It is the answer of another provider's API.
    }
  }
  return [];
}

function providerFor(provider: Provider, row: Row): Provider | undefined {
  return isModelByRow(provider) ? provider.models.get(provider.nameOf(row))?.provider : provider;
}
