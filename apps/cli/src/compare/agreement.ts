import { cellIdentity, comparableText, counted } from "@parallel-parrot/core";
import { Confusion } from "../score/confusion.ts";

/** With more different answers than these, kappa tells nothing, and memory would grow with the rows. */
const MOST_LABELS = 50;
/** Pairs of models whose agreement is told. */
const MOST_PAIRS = 10;

/** How often two models give the same answer in a column. */
class PairAgreement {
  readonly #confusion = new Confusion();
  #rows = 0;
  #same = 0;
  #hasLabels = true;

  add(one: string, other: string): void {
    this.#rows += 1;
    if (one === other) this.#same += 1;
    if (!this.#hasLabels) return;
    this.#confusion.add(one, other);
    this.#hasLabels = this.#confusion.size <= MOST_LABELS;
  }

  describe(column: string, models: readonly [string, string]): readonly string[] {
    if (this.#rows === 0) return [];
    const { kappa } = this.#confusion;
    const told = this.#hasLabels && kappa !== undefined ? `, kappa ${kappa.toFixed(2)}` : "";
    const share = ((100 * this.#same) / this.#rows).toFixed(1);
    return [
      `${column}: ${models.join(" and ")} agree in ${this.#same} of ${counted(this.#rows, "row")} (${share} %${told})`,
    ];
  }
}

/** How often the models of a comparison agree, pair by pair and column by column. */
export class Agreement {
  readonly #labels: readonly string[];
  readonly #pairs: readonly { readonly column: string; readonly of: PairAgreement; readonly at: Pair }[];

  constructor(labels: readonly string[], columns: readonly string[]) {
    this.#labels = labels;
    const pairs = labels.flatMap((_, one) =>
      labels.slice(one + 1).map((_other, more): Pair => [one, one + 1 + more]),
    );
    this.#pairs = columns.flatMap((column) =>
      pairs.slice(0, MOST_PAIRS).map((at) => ({ column, of: new PairAgreement(), at })),
    );
  }

  /** Adds the answers of all models to one row, in the order of the models; a row without an answer does not count. */
  add(answers: readonly Readonly<Record<string, unknown>>[]): void {
    for (const { column, of, at } of this.#pairs) {
      const [one, other] = at.map((place) => labelOf(answers[place]?.[column]));
      if (one !== undefined && other !== undefined) of.add(one, other);
    }
  }

  describe(): readonly string[] {
    return this.#pairs.flatMap(({ column, of, at: [one, other] }) =>
      of.describe(column, [this.#labels[one] ?? "", this.#labels[other] ?? ""]),
    );
  }
}

type Pair = readonly [one: number, other: number];

/** What an answer says, however it is written; `undefined` where there is none. */
function labelOf(cell: unknown): string | undefined {
  if (cell === undefined || cell === null) return undefined;
  return cellIdentity(typeof cell === "string" ? comparableText(cell) : cell);
}
