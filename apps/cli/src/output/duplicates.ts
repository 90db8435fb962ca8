import { counted, ParrotError, quoteAll, type Row } from "@parallel-parrot/core";
import { dedupeStream, type DedupeOptions } from "@parallel-parrot/tidy";
import type { WritingOptions } from "../flags/options.ts";

/** The options that say which rows are left out; the command line of a test may leave some out. */
export type DuplicateOptions = Partial<
  Pick<WritingOptions, "dedupe" | "dedupeBy" | "dedupeNear" | "dedupeRows">
>;

/** Which columns are compared where no option says so. */
type Compared = Pick<DedupeOptions, "by" | "except">;

const DEFAULT_ROWS = 1_000_000;

/** Leaves rows out that were there before in the whole run, and counts them. */
export class Duplicates {
  readonly #options: DuplicateOptions;
  readonly #what: string;
  readonly #stage: ReturnType<typeof dedupeStream<Row>> | undefined;
  readonly #counts = { equal: 0, near: 0, forgotten: 0, partly: 0 };

  /**
   * @param what what is compared where no option says so, in words
   * @throws ParrotError `INVALID_OPTION`
   */
  constructor(options: DuplicateOptions, compared: Compared, what: "answer" | "element") {
    this.#options = options;
    this.#what = what;
    const { dedupe = false, dedupeBy, dedupeNear, dedupeRows } = options;
    if (!dedupe && dedupeBy === undefined && dedupeNear === undefined) {
      if (dedupeRows !== undefined) throw senseless();
      return;
    }
    this.#stage = dedupeStream<Row>({
      ...(dedupeBy === undefined ? compared : { by: dedupeBy }),
      ...(dedupeNear === undefined ? {} : { near: dedupeNear }),
      maxKeys: dedupeRows ?? DEFAULT_ROWS,
      // Rows that failed have nulls, and are no duplicates of each other.
      keepNulls: true,
      checkFirstRow: false,
      onDuplicate: (_, kind) => {
        this.#counts[kind] += 1;
      },
      onForget: () => {
        this.#counts.forgotten += 1;
      },
      onPartlyCompared: () => {
        this.#counts.partly += 1;
      },
    });
  }

  /** How many rows were left out. */
  get count(): number {
    return this.#counts.equal + this.#counts.near;
  }

  /** The same rows without those that were there before. */
  leaveOut(rows: ReadableStream<Row>): ReadableStream<Row> {
    return this.#stage === undefined ? rows : rows.pipeThrough(this.#stage);
  }

  /** What was left out, in words. */
  describe(): readonly string[] {
    const { equal, near, forgotten, partly } = this.#counts;
    const { dedupeBy, dedupeNear, dedupeRows = DEFAULT_ROWS } = this.#options;
    const same = dedupeBy === undefined ? this.#what : quoteAll(dedupeBy);
    const where = dedupeBy === undefined ? "" : ` in ${quoteAll(dedupeBy)}`;
    return [
      ...(equal > 0
        ? [`${counted(equal, "row was", "rows were")} left out, as an earlier row has the same ${same}`]
        : []),
      ...(near > 0
        ? [
            `${counted(near, "row was", "rows were")} left out, as an earlier row has nearly the same text${where} (--dedupe-near ${dedupeNear})`,
          ]
        : []),
      ...(forgotten > 0
        ? [
            `Each row was compared with the last ${counted(dedupeRows, "different row")} before it, so some may be there twice; --dedupe-rows takes more`,
          ]
        : []),
      ...(partly > 0
        ? [
            `${counted(partly, "row has", "rows have")} a part of the text in common with more than 4,096 others and ${partly === 1 ? "was" : "were"} compared with the last of these, so some may be there nearly twice`,
          ]
        : []),
    ];
  }
}

function senseless(): ParrotError {
  return new ParrotError(
    "INVALID_OPTION",
    "Cannot use --dedupe-rows: no rows are compared; add --dedupe, --dedupe-by or --dedupe-near",
    { option: "--dedupe-rows" },
  );
}
