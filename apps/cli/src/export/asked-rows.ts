import { resolve } from "node:path";
import { isFailed, isParrotError, messageOf, type Message, type Row } from "@parallel-parrot/core";
import type { InputDigest } from "@parallel-parrot/formats";
import type { JournalInspection, RunSummary } from "@parallel-parrot/journal";
import { compilePrompt, promptItem } from "@parallel-parrot/template";
import { rowInput } from "../input/row-input.ts";
import { folderOf, inputHashOf } from "../job/job.ts";
import { planJob } from "../job/plan.ts";
import { rereadableJob } from "../job/rereadable-job.ts";
import { isOwn } from "../journal/own-runs.ts";
import { madeInput } from "../selection/made-input.ts";
import { RowStore } from "./row-store.ts";

/** What was asked: the row of the input, and the messages that were made of it; `null` where they are not known. */
export interface AskedRow {
  readonly input: Row | null;
  readonly prompt: readonly Message[] | null;
}

interface AskedRun {
  readonly store: RowStore;
  readonly template: ReturnType<typeof compilePrompt<Row>>;
}

/** Runs whose rows are at hand at once: records of runs that were merged may come in turns. */
const MAX_OPEN = 8;
const UNKNOWN: AskedRow = { input: null, prompt: null };

/**
 * The rows that the runs of a journal have asked. A journal has neither rows nor prompts, so the input of a run is read
 * again, as it is named there: for runs of the user alone, and only where it has not changed since.
 */
export class AskedRows {
  readonly #place: string;
  readonly #runs: ReadonlyMap<number, RunSummary>;
  /** In the order in which they were read. */
  readonly #open = new Map<number, AskedRun>();
  readonly #unknown = new Set<number>();
  readonly #tell: (line: string) => void;

  /** @param tell is told, once for each run, why its rows are not known */
  constructor(journal: Pick<JournalInspection, "path" | "runs">, tell: (line: string) => void) {
    this.#place = `${resolve(journal.path)}-rows-${process.pid}`;
    this.#runs = new Map(journal.runs().map((run) => [run.id, run]));
    this.#tell = tell;
  }

  /** The row with this number in the input of a run. */
  async of(run: number, index: number): Promise<AskedRow> {
    const asked = await this.#runOf(run);
    const row = asked?.store.get(index);
    if (asked === undefined || row === undefined) return UNKNOWN;
    const item = promptItem(asked.template, row, index);
    return { input: row, prompt: isFailed<Row>(item) ? null : item.prompt.messages };
  }

  close(): void {
    for (const { store } of this.#open.values()) store.close();
    this.#open.clear();
  }

  async #runOf(id: number): Promise<AskedRun | undefined> {
    const known = this.#open.get(id);
    if (known !== undefined || this.#unknown.has(id)) return known;
    const run = this.#runs.get(id);
    const asked = run === undefined ? undefined : await this.#read(run);
    if (asked === undefined) this.#unknown.add(id);
    else this.#open.set(id, asked);
    for (const [oldest, { store }] of this.#open) {
      if (this.#open.size <= MAX_OPEN) break;
      store.close();
      this.#open.delete(oldest);
    }
    return asked;
  }

  async #read(run: RunSummary): Promise<AskedRun | undefined> {
    const folder = process.cwd();
    const store = new RowStore(this.#place);
    try {
      // Names of files mean what they meant where the run was begun.
      if (isOwn(run)) process.chdir(folderOf(run.manifest));
      return { store, template: await readRows(run, store) };
    } catch (error) {
      store.close();
      this.#tell(`The rows of run ${run.id} are left out: ${messageOf(error)}`);
      if (isParrotError(error) || error instanceof Error) return undefined;
      throw error;
    } finally {
      process.chdir(folder);
    }
  }
}

async function readRows(run: RunSummary, store: RowStore): Promise<AskedRun["template"]> {
  const job = rereadableJob(run);
  const options = await planJob(job, { asks: false });
  const input = await madeInput(await rowInput(job.inputs, options), options);
  if (!(await input.canBeReadAgain())) throw new Error("its input can be read only once");
  let digest: InputDigest | undefined;
  for await (const row of input.open({ onDigest: (whole) => (digest = whole) })) store.add(row);
  const then = inputHashOf(run.manifest);
  if (then !== undefined && then !== digest?.sha256) throw new Error("its input has changed since");
  return compilePrompt<Row>(options.prompt);
}
