import { readFilter, MEASURES } from "../rows/row-filter.ts";
import type { RowOrder } from "../rows/row-index.ts";
import type { IndexedRun } from "../rows/indexed-run.ts";
import type { IndexedRuns } from "../rows/indexed-runs.ts";
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

  constructor(source: RunSource, indexed: IndexedRuns) {
    this.#source = source;
    this.#indexed = indexed;
  }

  /** @throws HttpRefusal */
  async answer(path: string, parameters: URLSearchParams): Promise<unknown> {
    if (path === "/api/runs") return this.#runs();
    const [, id = "", what = "", place = ""] =
      /^\/api\/runs\/(\d{1,9})\/(overview|rows|count|column|row)(?:\/(\d{1,9}))?$/.exec(path) ?? [];
    if (id === "") throw new HttpRefusal(404, "There is nothing at this address");
    const run = await this.#runOf(Number(id));
    try {
      if (what === "overview") return overviewOf(run);
      if (what === "row") return detailOf(run, Number(place), parameters.get("whole") === "yes");
      const filter = readFilter(parameters);
      if (what === "column") return columnOf(run, parameters);
      if (what === "count") return { rows: run.index.countOf(filter) };
      return pageOf(run, parameters);
    } catch (error) {
      if (error instanceof RangeError) throw new HttpRefusal(400, error.message);
      throw error;
    }
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
    inputColumns: input,
    outputColumns: output,
  };
}

function pageOf({ index }: IndexedRun, parameters: URLSearchParams): RowPage {
  const limit = Math.min(MOST_ROWS, Math.max(1, Number(parameters.get("limit") ?? 100) || 1));
  const after = parameters.get("after") ?? undefined;
  const order = orderOf(parameters.get("order") ?? "place");
  const { rows, next } = index.page({ filter: readFilter(parameters), order, after, limit });
  return { rows: rows.map((row) => rowLine(row)), ...(next === undefined ? {} : { next }) };
}

function columnOf({ index }: IndexedRun, parameters: URLSearchParams): Distribution {
  const column = {
    of: parameters.get("shown-of") === "output" ? "output" : "input",
    name: parameters.get("shown") ?? "",
  } as const;
  return distributionOf(index.cellsOf(column, readFilter(parameters)));
}

function orderOf(name: string): RowOrder {
  if (name === "place" || Object.hasOwn(MEASURES, name)) return name as RowOrder;
  throw new RangeError(`There is no order ${name}`);
}

function detailOf({ index, opened }: IndexedRun, place: number, isWhole: boolean): RowDetail {
  const row = index.get(place);
  if (row === undefined || opened === undefined) throw new HttpRefusal(404, "There is no such row by now");
  return rowDetail(row, opened, isWhole);
}
