import type { KeptLabels, LabelList } from "../run-source.ts";
import type { RowIndex } from "../rows/row-index.ts";
import type { LabelCounts, RowLabel } from "../wire.ts";
import { LabelledRows } from "./labelled-rows.ts";
import { readLabel } from "./read-label.ts";

const NONE: LabelList = { labels: new Map() };

interface Known extends Pick<LabelList, "labels"> {
  readonly rows: LabelledRows;
  readonly count: number;
}

/** What a person has said of the answers that are shown. */
export class Labels {
  readonly #kept: KeptLabels | undefined;
  readonly #known = new WeakMap<RowIndex, Known>();

  constructor(kept: KeptLabels | undefined) {
    this.#kept = kept;
  }

  /** Whether there is a place for labels. */
  get canKeep(): boolean {
    return this.#kept !== undefined;
  }

  async all(): Promise<ReadonlyMap<string, RowLabel>> {
    return (await this.#list()).labels;
  }

  async rowsOf(index: RowIndex): Promise<LabelledRows> {
    return this.#rowsOf(index, (await this.#list()).labels);
  }

  async countsOf(index: RowIndex): Promise<LabelCounts> {
    const { labels, note } = await this.#list();
    const { counts } = this.#rowsOf(index, labels);
    return note === undefined ? counts : { ...counts, note };
  }

  /** Keeps what the page asks to keep. @throws RangeError where that is no label */
  async keep(asked: unknown): Promise<RowLabel> {
    const { answer, label } = readLabel(asked);
    if (this.#kept === undefined) throw new RangeError("These rows cannot be labelled");
    await this.#kept.keep(answer, label);
    return label;
  }

  async #list(): Promise<LabelList> {
    return (await this.#kept?.list()) ?? NONE;
  }

  #rowsOf(index: RowIndex, labels: ReadonlyMap<string, RowLabel>): LabelledRows {
    const known = this.#known.get(index);
    if (known?.labels === labels && known.count === index.count) return known.rows;
    const rows = new LabelledRows(index.ids.answers, labels);
    this.#known.set(index, { labels, rows, count: index.count });
    return rows;
  }
}
