import { messageOf } from "@parallel-parrot/core";
import { Labels } from "../labels/labels.ts";
import type { IndexedRun } from "../rows/indexed-run.ts";
import type { IndexedRuns } from "../rows/indexed-runs.ts";
import type { FailedChoice, RunSource } from "../run-source.ts";
import { HttpRefusal } from "../server/http-refusal.ts";
import type { RunList } from "../wire.ts";
import { readChoice } from "./read-choice.ts";
import { RowApi } from "./row-api.ts";

/** What the page can ask for. Each answer is plain data, or a file. */
export class RunApi {
  readonly #source: RunSource;
  readonly #indexed: IndexedRuns;
  readonly #labels: Labels;
  /** Whether rows are about to be asked again. */
  #isAsking = false;
  readonly #rows: RowApi;

  constructor(source: RunSource, indexed: IndexedRuns) {
    this.#source = source;
    this.#indexed = indexed;
    this.#labels = new Labels(source.labels);
    this.#rows = new RowApi(this.#labels, (id) => this.#runOf(id));
  }

  /** @throws HttpRefusal */
  async answer(path: string, parameters: URLSearchParams): Promise<unknown> {
    if (path === "/api/runs") return this.#runs();
    const [, ofCourse] = /^\/api\/runs\/(\d{1,9})\/course$/.exec(path) ?? [];
    if (ofCourse !== undefined) return { course: (await this.#source.courseOf?.(Number(ofCourse))) ?? null };
    const [, id = "", what = "", place = ""] =
      /^\/api\/runs\/(\d{1,9})\/([a-z]{1,20})(?:\/(\d{1,9}))?$/.exec(path) ?? [];
    if (id === "" || !this.#rows.has(what, place))
      throw new HttpRefusal(404, "There is nothing at this address");
    const run = await this.#runOf(Number(id));
    return asRefusal(() =>
      this.#rows.answer(run, { id: Number(id), what, place: Number(place), parameters }),
    );
  }

  /**
   * Changes what the page asks to change.
   *
   * @param read gives what was sent
   * @throws HttpRefusal
   */
  async change(path: string, read: () => Promise<unknown>): Promise<unknown> {
    const [, run] = /^\/api\/runs\/(\d{1,9})\/ask-again$/.exec(path) ?? [];
    if (run !== undefined)
      return asRefusal(async () => this.#askAgain(Number(run), readChoice(await read())));
    if (path !== "/api/labels") throw new HttpRefusal(405, "Nothing is changed at this address");
    return asRefusal(async () => this.#labels.keep(await read()));
  }

  async #askAgain(id: number, which: FailedChoice): Promise<unknown> {
    const { runs, writer } = await this.#source.runs();
    const run = runs.find((each) => each.id === id);
    if (run === undefined) throw new HttpRefusal(404, `There is no run ${id} in the journal`);
    if (run.closed !== undefined) throw new HttpRefusal(409, run.closed);
    if (writer !== undefined || this.#isAsking)
      throw new HttpRefusal(409, "A run holds the journal: rows can be asked again when it has ended");
    if (this.#source.askAgain === undefined) throw new HttpRefusal(405, "Rows are not asked again here");
    this.#isAsking = true;
    try {
      await this.#source.askAgain(id, which);
    } catch (error) {
      throw new HttpRefusal(409, messageOf(error));
    } finally {
      this.#isAsking = false;
    }
    return {};
  }

  async #runs(): Promise<RunList> {
    const { runs, writer } = await this.#source.runs();
    return { journal: this.#source.name, ...(writer === undefined ? {} : { writer }), runs };
  }

  async #runOf(id: number): Promise<IndexedRun> {
    const { runs } = await this.#source.runs();
    const run = runs.find((each) => each.id === id);
    if (run === undefined) throw new HttpRefusal(404, `There is no run ${id} in the journal`);
    if (run.closed !== undefined) throw new HttpRefusal(409, run.closed);
    return this.#indexed.of(id, run.touchedAt);
  }
}

/** What is wrong with a request as its refusal. */
async function asRefusal<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RangeError) throw new HttpRefusal(400, error.message);
    throw error;
  }
}
