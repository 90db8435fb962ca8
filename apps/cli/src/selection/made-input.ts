import { mapStream, ParrotError, quote, rowName, type Row } from "@parallel-parrot/core";
import { joinedDigest, type ColumnType, type ColumnTypes, type RowSource } from "@parallel-parrot/formats";
import { crossStream, repeatStream } from "@parallel-parrot/tidy";
import { comparedModels, MODEL_COLUMN } from "../compare/compared-models.ts";
import type { ReadingOptions, SelectionOptions } from "../flags/options.ts";
import type { RowInput } from "../input/row-input.ts";
import { readCrossTable, type CrossTable } from "./cross-table.ts";

/** The column that numbers the repetitions of a row. */
const REPETITION = "repetition";
const REPETITION_TYPE: ColumnType = { type: "integer", bits: 64, signed: true };
const MODEL_TYPE: ColumnType = { type: "text" };

/**
 * The rows that `--cross`, `--repeat` and `--compare` make of those of an input; the input itself without them. A row that is made
 * has a number of its own, and the line of the row of the input that it was made of.
 */
export async function madeInput(
  input: RowInput,
  options: ReadingOptions & SelectionOptions,
): Promise<RowInput> {
  const { cross = [], repeat } = options;
  const models = comparedModels(options);
  if (cross.length === 0 && repeat === undefined && models.length === 0) return input;
  const tables: CrossTable[] = [];
  for (const file of cross) tables.push(await readCrossTable(file, options));
  return inputOfMaking(input, tables, new Making(tables, repeat, models));
}

function inputOfMaking(input: RowInput, tables: readonly CrossTable[], making: Making): RowInput {
  return {
    ...input,
    only: (place) => inputOfMaking(input.only(place), tables, making),
    open: ({ onDigest } = {}) =>
      making.source(
        input,
        input.open(
          onDigest === undefined
            ? {}
            : {
                onDigest: (digest) =>
                  onDigest(
                    joinedDigest([
                      [input.name, digest],
                      ...tables.map((table) => [table.file, table.digest] as const),
                    ]),
                  ),
              },
        ),
      ),
  };
}

class Making {
  readonly #tables: readonly CrossTable[];
  readonly #repeat: number | undefined;
  readonly #models: readonly string[];
  /** How many rows are made of each row of the input. */
  readonly #factor: number;

  constructor(tables: readonly CrossTable[], repeat: number | undefined, models: readonly string[]) {
    this.#tables = tables;
    this.#repeat = repeat;
    this.#models = models;
    const times = (repeat ?? 1) * Math.max(1, models.length);
    this.#factor = tables.reduce((product, { rows }) => product * rows.length, times);
    const known = new Set<string>();
    for (const [column, option] of this.#added) {
      if (known.has(column)) throw taken(column, option, "another table");
      known.add(column);
    }
  }

  source(input: RowInput, source: RowSource): RowSource {
    const made: ReadableStream<Row> = this.#tables.reduce<ReadableStream<Row>>(
      (rows, table) => rows.pipeThrough(crossStream(table.rows)),
      source.pipeThrough(this.#apart()),
    );
    const times = this.#repeat;
    const repeated =
      times === undefined ? made : made.pipeThrough(repeatStream<Row, string>({ times, column: REPETITION }));
    const models = this.#models.map((model): Row => ({ [MODEL_COLUMN]: model }));
    // The rows of one row come last of all one after the other, so that they can be put side by side again.
    const rows = models.length === 0 ? repeated : repeated.pipeThrough(crossStream(models));
    const places: Pick<RowSource, "placeOf" | "lineOf"> = {
      placeOf: (row) => source.placeOf(this.#readRow(row)),
      lineOf: (row) => source.lineOf(this.#readRow(row)),
    };
    return Object.assign(rows, {
      ...places,
      file: source.file,
      files: source.files,
      notes: source.notes,
      layout: () => source.layout(),
      columns: async () => {
        const columns = await source.columns();
        for (const [column, option] of this.#added)
          if (columns?.includes(column)) throw taken(column, option, input.name);
        return columns === undefined ? undefined : [...columns, ...this.#added.map(([column]) => column)];
      },
      columnTypes: async () => this.#withTypes(await source.columnTypes()),
    });
  }

  /** The columns that are added, each with the option that adds it. */
  get #added(): readonly (readonly [column: string, option: string])[] {
    const crossed = this.#tables.flatMap(({ file, columns }) =>
      columns.map((column) => [column, `--cross ${file}`] as const),
    );
    return [
      ...crossed,
      ...(this.#repeat === undefined ? [] : [[REPETITION, "--repeat"] as const]),
      ...(this.#models.length === 0 ? [] : [[MODEL_COLUMN, "--compare"] as const]),
    ];
  }

  /** The row of the input that a row was made of. */
  #readRow(made: number): number {
    return Math.floor(made / this.#factor);
  }

  #withTypes(types: ColumnTypes | undefined): ColumnTypes | undefined {
    if (types === undefined) return undefined;
    const crossed = this.#tables.flatMap((table) => [...table.types]);
    const repeated = this.#repeat === undefined ? [] : [[REPETITION, REPETITION_TYPE] as const];
    const compared = this.#models.length === 0 ? [] : [[MODEL_COLUMN, MODEL_TYPE] as const];
    return new Map([...types, ...crossed, ...repeated, ...compared]);
  }

  /** Refuses a row that has one of the columns that are added. */
  #apart(): ReturnType<typeof mapStream<Row, Row>> {
    let index = 0;
    const added = this.#added;
    return mapStream((row: Row) => {
      for (const [column, option] of added)
        if (Object.hasOwn(row, column)) throw taken(column, option, rowName(index));
      index += 1;
      return row;
    });
  }
}

function taken(column: string, option: string, who: string): ParrotError {
  return new ParrotError(
    "INVALID_OPTION",
    `Cannot use ${option}: it adds a column ${quote(column)}, which ${who} has already; rename one of the two`,
    { column, option },
  );
}
