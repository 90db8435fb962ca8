import type { Row } from "@parallel-parrot/core";
import type { AnsweredRows } from "./answered-rows.ts";
import type { Reason } from "./explanation.ts";

/** An earlier run over the same input. */
export interface Earlier {
  readonly run: number;
  /** What its requests had otherwise; empty where they were the same. */
  readonly changed: readonly string[];
  /** Rows from the first on that it had finished. */
  readonly settled: number;
  /** Looks rows up among its answers; `undefined` where its requests were the same. */
  readonly answered: AnsweredRows | undefined;
}

/** Says for each row whether it would be asked, and why. It has to be given all rows of the input in order. */
export class Reasons {
  readonly #answered: AnsweredRows;
  readonly #earlier: readonly Earlier[];
  #first = 0;

  /** @param earlier the latest first */
  constructor(answered: AnsweredRows, earlier: readonly Earlier[]) {
    this.#answered = answered;
    this.#earlier = earlier;
  }

  async next(rows: readonly Row[]): Promise<readonly Reason[]> {
    const found = await this.#answered.next(rows);
    const otherwise = await Promise.all(this.#earlier.map(async ({ answered }) => answered?.next(rows)));
    const first = this.#first;
    this.#first += rows.length;
    return found.map((kind, place): Reason => {
      if (kind !== undefined) return { kind };
      const other = this.#earlier.find((_, which) => otherwise[which]?.[place] !== undefined);
      if (other !== undefined) return { kind: "changed", changed: other.changed, run: other.run };
      const same = this.#earlier.find(({ changed }) => changed.length === 0);
      const wasThere = same !== undefined && first + place < same.settled;
      return wasThere ? { kind: "row", run: same.run } : { kind: "new" };
    });
  }

  async close(): Promise<void> {
    await Promise.all(
      [this.#answered, ...this.#earlier.flatMap(({ answered }) => answered ?? [])].map((each) =>
        each.close(),
      ),
    );
  }
}
