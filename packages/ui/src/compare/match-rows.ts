/** Which rows of a run are of the same input as which of another. */
export interface MatchedRows {
  /** By the places of the one run: the place in the other; -1 where it has no such row. */
  readonly places: Int32Array;
  /** Rows of the other run that no row of the one is matched with. */
  readonly aloneThere: number;
}

interface RowsToMatch {
  /** The numbers of inputs, by the places of rows. */
  readonly inputs: Float64Array;
  /** The model of each row; rows of one model are matched without regard to those of the others. @default one for all */
  readonly models?: Uint16Array | undefined;
}

interface OtherRows {
  readonly inputs: Float64Array;
  /** 1 for the rows that may be matched. @default all */
  readonly marks?: Uint8Array | undefined;
}

/** Matches rows by their inputs. Of equal ones the first is matched with the first, the second with the second. */
export function matchRows({ inputs, models }: RowsToMatch, other: OtherRows): MatchedRows {
  const table = new FirstPlaces(other);
  const places = new Int32Array(inputs.length).fill(-1);
  const used = new Uint8Array(other.inputs.length);
  for (const model of new Set(models ?? [0])) {
    table.begin();
    for (let place = 0; place < inputs.length; place += 1) {
      if (models !== undefined && models[place] !== model) continue;
      const found = table.take(inputs[place] ?? 0);
      places[place] = found;
      if (found !== -1) used[found] = 1;
    }
  }
  let aloneThere = 0;
  for (let place = 0; place < used.length; place += 1)
    if (used[place] === 0 && other.marks?.[place] !== 0) aloneThere += 1;
  return { places, aloneThere };
}

/** The places of rows by numbers, in typed arrays: a map of a million rows would take ten times as much memory. */
class FirstPlaces {
  readonly #mask: number;
  readonly #numbers: Float64Array;
  /** The first place of each number, and behind each place the next one of the same number. */
  readonly #first: Int32Array;
  readonly #next: Int32Array;
  #waiting: Int32Array;

  constructor({ inputs, marks }: OtherRows) {
    const size = 2 ** Math.ceil(Math.log2(inputs.length * 2 + 2));
    this.#mask = size - 1;
    this.#numbers = new Float64Array(size);
    this.#first = new Int32Array(size).fill(-1);
    this.#next = new Int32Array(inputs.length);
    for (let place = inputs.length - 1; place >= 0; place -= 1) {
      if (marks?.[place] === 0) continue;
      const number = inputs[place] ?? 0;
      const slot = this.#slotOf(number);
      this.#numbers[slot] = number;
      this.#next[place] = this.#first[slot] ?? -1;
      this.#first[slot] = place;
    }
    this.#waiting = this.#first;
  }

  /** Lets all places be taken again. */
  begin(): void {
    this.#waiting = this.#first.slice();
  }

  /** The first place of a number that was not taken yet; -1 for none. */
  take(number: number): number {
    const slot = this.#slotOf(number);
    const place = this.#waiting[slot] ?? -1;
    if (place !== -1) this.#waiting[slot] = this.#next[place] ?? -1;
    return place;
  }

  #slotOf(number: number): number {
    let slot = (number % 4_294_967_291) & this.#mask;
    while (this.#first[slot] !== -1 && this.#numbers[slot] !== number) slot = (slot + 1) & this.#mask;
    return slot;
  }
}
