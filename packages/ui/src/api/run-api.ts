import { readFilter, MEASURES, type RowFilter } from "../rows/row-filter.ts";
import type { RowOrder } from "../rows/row-index.ts";
import type { IndexedRun } from "../rows/indexed-run.ts";
import type { IndexedRuns } from "../rows/indexed-runs.ts";
import { LABEL_CHOICES, type LabelChoice } from "../labels/labelled-rows.ts";
import { Labels } from "../labels/labels.ts";
import { answerId } from "../rows/row-ids.ts";
import type { RunSource } from "../run-source.ts";
import { HttpRefusal } from "../server/http-refusal.ts";
import { distributionOf } from "../rows/distribution.ts";
import type { Distribution, RowDetail, RowPage, RunList, RunOverview } from "../wire.ts";
import { rowDetail } from "./row-detail.ts";
import { rowLine } from "./row-line.ts";

const MOST_GROUPS = 100;
const MOST_ROWS = 200;

/** What the page can ask for. Each answer is plain data. */
export class RunApi {
  readonly #source: RunSource;
  readonly #indexed: IndexedRuns;
  readonly #labels: Labels;

  constructor(source: RunSource, indexed: IndexedRuns) {
    this.#source = source;
    this.#indexed = indexed;
    this.#labels = new Labels(source.labels);
  }

  /** @throws HttpRefusal */
  async answer(path: string, parameters: URLSearchParams): Promise<unknown> {
    if (path === "/api/runs") return this.#runs();
    const [, ofCourse] = /^\/api\/runs\/(\d{1,9})\/course$/.exec(path) ?? [];
    if (ofCourse !== undefined) return { course: (await this.#source.courseOf?.(Number(ofCourse))) ?? null };
    const [, id = "", what = "", place = ""] =
      /^\/api\/runs\/(\d{1,9})\/(overview|rows|count|column|labels|row)(?:\/(\d{1,9}))?$/.exec(path) ?? [];
    if (id === "") throw new HttpRefusal(404, "There is nothing at this address");
    const run = await this.#runOf(Number(id));
    return asRefusal(async () => {
      if (what === "overview") return overviewOf(run);
      if (what === "labels") return this.#labels.countsOf(run.index);
      if (what === "row") return this.#detailOf(run, Number(place), parameters.get("whole") === "yes");
      const filter = await this.#filterOf(run, parameters);
      if (what === "column") return columnOf(run, parameters, filter);
      if (what === "count") return { rows: run.index.countOf(filter) };
      return this.#pageOf(run, parameters, filter);
    });
  }

  /**
   * Changes what the page asks to change.
   *
   * @param read gives what was sent
   * @throws HttpRefusal
   */
  async change(path: string, read: () => Promise<unknown>): Promise<unknown> {
    if (path !== "/api/labels") throw new HttpRefusal(405, "Nothing is changed at this address");
    return asRefusal(async () => this.#labels.keep(await read()));
  }

  async #filterOf({ index }: IndexedRun, parameters: URLSearchParams): Promise<RowFilter> {
    const label = labelIn(parameters);
    const filter = readFilter(parameters);
    if (label === undefined) return filter;
    const labelled = await this.#labels.rowsOf(index);
    return { ...filter, marks: [labelled.marksOf(label)] };
  }

  async #pageOf({ index }: IndexedRun, parameters: URLSearchParams, filter: RowFilter): Promise<RowPage> {
    const limit = Math.min(MOST_ROWS, Math.max(1, Number(parameters.get("limit") ?? 100) || 1));
    const after = parameters.get("after") ?? undefined;
    const order = orderOf(parameters.get("order") ?? "place");
    const { rows, next } = index.page({ filter, order, after, limit });
    const labels = await this.#labels.all();
    return {
      rows: rows.map((row) => rowLine(row, labels.get(answerId(row.read)))),
      ...(next === undefined ? {} : { next }),
    };
  }

  async #detailOf({ index, opened }: IndexedRun, place: number, isWhole: boolean): Promise<RowDetail> {
    const row = index.get(place);
    if (row === undefined || opened === undefined) throw new HttpRefusal(404, "There is no such row by now");
    const id = answerId(row.read);
    const detail = rowDetail(row, opened, { isWhole, label: (await this.#labels.all()).get(id) });
    return this.#labels.canKeep ? { ...detail, answerId: id } : detail;
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

function overviewOf({ index, reading }: IndexedRun): RunOverview {
  const { input, output } = index.columns;
  return {
    reading,
    states: index.totals.states,
    failures: index.totals.failures(MOST_GROUPS),
    warnings: index.totals.warnings,
    models: index.totals.models,
    inputColumns: input,
    outputColumns: output,
  };
}

function columnOf({ index }: IndexedRun, parameters: URLSearchParams, filter: RowFilter): Distribution {
  const column = {
    of: parameters.get("shown-of") === "output" ? "output" : "input",
    name: parameters.get("shown") ?? "",
  } as const;
  return distributionOf(index.cellsOf(column, filter));
}

function orderOf(name: string): RowOrder {
  if (name === "place" || Object.hasOwn(MEASURES, name)) return name as RowOrder;
  throw new RangeError(`There is no order ${name}`);
}

function labelIn(parameters: URLSearchParams): LabelChoice | undefined {
  const name = parameters.get("label") || undefined;
  const choice = LABEL_CHOICES.find((each) => each === name);
  if (name !== undefined && choice === undefined) throw new RangeError(`There is no label ${name}`);
  return choice;
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
