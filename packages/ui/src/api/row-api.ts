import { exportRows } from "../export/export-rows.ts";
import type { Labels } from "../labels/labels.ts";
import { distributionOf } from "../rows/distribution.ts";
import type { IndexedRun } from "../rows/indexed-run.ts";
import { MEASURES, type RowFilter } from "../rows/row-filter.ts";
import { answerId } from "../rows/row-ids.ts";
import type { IndexedRow, RowOrder } from "../rows/row-index.ts";
import { HttpRefusal } from "../server/http-refusal.ts";
import type { Distribution, RowDetail, RowLine, RowPage, RunOverview } from "../wire.ts";
import { rowDetail } from "./row-detail.ts";
import { rowLine } from "./row-line.ts";
import { RowQueries, type AskedComparison } from "./row-queries.ts";

const MOST_GROUPS = 100;
const MOST_ROWS = 200;

/** What is asked of a run. */
interface RowRequest {
  /** The number of the run. */
  readonly id: number;
  readonly what: string;
  /** That of a row. */
  readonly place: number;
  readonly parameters: URLSearchParams;
}

type Answer = (run: IndexedRun, parameters: URLSearchParams) => unknown;

/** What the page can ask of the rows of a run. */
export class RowApi {
  readonly #labels: Labels;
  readonly #queries: RowQueries;
  readonly #answers: ReadonlyMap<string, Answer> = new Map<string, Answer>([
    ["overview", (run) => overviewOf(run)],
    ["labels", (run) => this.#labels.countsOf(run.index)],
    [
      "comparison",
      async (run, parameters) => (await this.#queries.comparisonOf(run, parameters))?.totals ?? {},
    ],
    ["rows", (run, parameters) => this.#pageOf(run, parameters)],
    [
      "count",
      async (run, parameters) => ({ rows: run.index.countOf(await this.#filterOf(run, parameters)) }),
    ],
    ["column", async (run, parameters) => columnOf(run, parameters, await this.#filterOf(run, parameters))],
  ]);

  /** @param runOf gives another run, to compare with */
  constructor(labels: Labels, runOf: (id: number) => Promise<IndexedRun>) {
    this.#labels = labels;
    this.#queries = new RowQueries(labels, runOf);
  }

  /** Whether there is something of that name. */
  has(what: string, place: string): boolean {
    return place === "" ? what === "export" || this.#answers.has(what) : what === "row";
  }

  /** @throws RangeError, HttpRefusal */
  async answer(run: IndexedRun, { id, what, place, parameters }: RowRequest): Promise<unknown> {
    if (what === "row") return this.#detailOf(run, place, parameters);
    if (what === "export") {
      const filter = await this.#filterOf(run, parameters);
      return exportRows(run, { run: id, format: parameters.get("format"), filter, labels: this.#labels });
    }
    return this.#answers.get(what)?.(run, parameters);
  }

  #filterOf(run: IndexedRun, parameters: URLSearchParams): Promise<RowFilter> {
    return this.#queries.filterOf(run, parameters);
  }

  async #pageOf(run: IndexedRun, parameters: URLSearchParams): Promise<RowPage> {
    const limit = Math.min(MOST_ROWS, Math.max(1, Number(parameters.get("limit") ?? 100) || 1));
    const after = parameters.get("after") ?? undefined;
    const order = orderOf(parameters.get("order") ?? "place");
    const filter = await this.#filterOf(run, parameters);
    const compared = await this.#queries.comparisonOf(run, parameters);
    const labels = await this.#labels.all();
    const lineOf = (row: IndexedRow, other?: RowLine): RowLine =>
      rowLine(row, { label: labels.get(answerId(row.read)), other });
    const { rows, next } = run.index.page({ filter, order, after, limit });
    return {
      rows: rows.map((row) => {
        const other = compared?.otherOf(row.place);
        return lineOf(row, other === undefined ? undefined : lineOf(other));
      }),
      ...(next === undefined ? {} : { next }),
    };
  }

  async #detailOf(run: IndexedRun, place: number, parameters: URLSearchParams): Promise<RowDetail> {
    const isWhole = parameters.get("whole") === "yes";
    const compared = await this.#queries.comparisonOf(run, parameters);
    const detail = await this.#wholeOf(run.index.get(place), run, isWhole);
    const other = compared?.otherOf(place);
    if (other === undefined || compared === undefined) return detail;
    return { ...detail, other: await this.#wholeOf(other, compared.run, isWhole) };
  }

  async #wholeOf(
    row: IndexedRow | undefined,
    { opened }: AskedComparison["run"],
    isWhole: boolean,
  ): Promise<RowDetail> {
    if (row === undefined || opened === undefined) throw new HttpRefusal(404, "There is no such row by now");
    const id = answerId(row.read);
    const detail = rowDetail(row, opened, { isWhole, label: (await this.#labels.all()).get(id) });
    return this.#labels.canKeep ? { ...detail, answerId: id } : detail;
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
