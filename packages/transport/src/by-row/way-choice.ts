import type { Row } from "@parallel-parrot/core";
import type { Provider } from "@parallel-parrot/providers";
import type { Way } from "../row/way.ts";
import { isModelByRow, type RowModel } from "./model-by-row.ts";

/** The ways of one asking: a single one, or one for each model that rows choose. */
export class WayChoice<W extends Way> {
  readonly all: readonly W[];
  /** By the names that rows choose models by. */
  readonly byName: ReadonlyMap<string, W>;
  readonly #nameOf: ((row: Row) => string) | undefined;
  readonly #first: W;

  constructor(provider: Provider, make: (model: RowModel) => W) {
    if (isModelByRow(provider)) {
      this.byName = new Map(Array.from(provider.models, ([name, model]) => [name, make(model)]));
      this.#nameOf = (row) => provider.nameOf(row);
    } else {
      this.byName = new Map([[provider.model, make({ provider })]]);
    }
    this.all = [...this.byName.values()];
    const [first] = this.all;
    if (first === undefined) throw new RangeError("There is no model to choose");
    this.#first = first;
  }

  /** Any of them, for what is the same in all. */
  get any(): W {
    return this.#first;
  }

  /** @throws RejectionError with the code `INVALID_PARAMETER` where the row chooses none of them */
  of(row: Row): W {
    return this.#nameOf === undefined ? this.#first : (this.byName.get(this.#nameOf(row)) ?? this.#first);
  }

  /** What the row decides itself of how it is asked, as a text; empty where it decides nothing. */
  ownOf(row: Row): string {
    const own = this.of(row).params.ownOf(row);
    return this.#nameOf === undefined ? own : JSON.stringify([this.#nameOf(row), own]);
  }
}
