import {
  checkOptions,
  flatMapStream,
  type OptionChecks,
  type Stage,
  wholeNumber,
} from "@parallel-parrot/core";

/** Options for {@linkcode take} and {@linkcode takeStream}. */
export interface TakeOptions {
  /** How many rows are taken, at most. @default all of them */
  readonly limit?: number;
  /** How many rows are left out before the first that is taken. @default 0 */
  readonly offset?: number;
}

/**
 * Takes the rows after the first `offset`, and no more than `limit` of them. Nothing is read behind the last row that
 * is taken.
 *
 * @throws ParrotError `INVALID_OPTION`
 */
export function take<T>(rows: Iterable<T>, options: TakeOptions = {}): Generator<T> {
  return taken(rows, new Taking(options));
}

/** {@linkcode take} as a stage. It ends with the last row that is taken, and its source is then cancelled. */
export function takeStream<T>(options: TakeOptions = {}): Stage<T, T> {
  const taking = new Taking(options);
  return flatMapStream((row: T) => (taking.takes() ? [row] : []), { isEnough: () => taking.isEnough });
}

function* taken<T>(rows: Iterable<T>, taking: Taking): Generator<T> {
  if (taking.isEnough) return;
  for (const row of rows) {
    if (taking.takes()) yield row;
    if (taking.isEnough) return;
  }
}

const TAKE_OPTIONS: OptionChecks<TakeOptions> = { limit: wholeNumber(0), offset: wholeNumber(0) };

/** Counts the rows that came, and tells which of them are taken. */
class Taking {
  readonly #first: number;
  readonly #end: number;
  #rows = 0;

  constructor(options: TakeOptions) {
    checkOptions("take", options, TAKE_OPTIONS);
    const { limit = Number.POSITIVE_INFINITY, offset = 0 } = options;
    this.#first = offset;
    this.#end = limit === 0 ? 0 : offset + limit;
  }

  get isEnough(): boolean {
    return this.#rows >= this.#end;
  }

  /** Whether the next row is taken. */
  takes(): boolean {
    this.#rows += 1;
    return this.#rows > this.#first && this.#rows <= this.#end;
  }
}
