import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import csvSpectrum from "csv-spectrum";
import { readAll, sourceOf } from "@parallel-parrot/core/testing";
import { describe, expect, it } from "vitest";
import { csvSource, type CsvSourceOptions } from "../index.ts";

type Rows = readonly Readonly<Record<string, string>>[];

/** How another reader reads a text: its rows, or what it throws. */
type Reading = { readonly rows: Rows } | { readonly error: string };

/** What scripts/read-untidy.py has found. */
interface OtherReaders {
  readonly versions: Readonly<Record<string, string>>;
  readonly cases: readonly {
    readonly name: string;
    readonly text: string;
    readonly options?: CsvSourceOptions & { readonly blanks?: boolean };
    readonly pandas: Reading;
    readonly duckdb: Reading;
  }[];
}

const { versions, cases } = JSON.parse(
  readFileSync(new URL("../../fixtures/untidy-csv.json", import.meta.url), "utf8"),
) as OtherReaders;

/** Texts that we read as neither of them does, and why. */
const DIFFERENT: ReadonlyMap<string, string> = new Map([
  ["a carriage return inside an unquoted cell", "they make two broken rows of one"],
  ["semicolons and quotes", "neither finds that semicolons separate the cells"],
]);

async function read(text: string, options: CsvSourceOptions = {}): Promise<Reading> {
  try {
    return { rows: await readAll(csvSource(sourceOf([text]), options)) };
  } catch (error) {
    return { error: String(error) };
  }
}

describe(`CSV as pandas ${versions["pandas"]} and DuckDB ${versions["duckdb"]} read it`, () => {
  it.each(cases)(
    "csvSource reads $name as one of them does, or refuses what they read differently",
    async (each) => {
      const { blanks: _, ...options } = each.options ?? {};
      const found = await read(each.text, options);
      const others = [each.pandas, each.duckdb];
      const isTheirs = others.some((other) => isDeepStrictEqual(other, found));
      const isRefused = "error" in found && !isDeepStrictEqual(others[0], others[1]);
      expect({ found, isRight: isTheirs || isRefused || DIFFERENT.has(each.name) }).toMatchObject({
        isRight: true,
      });
    },
  );

  it("csvSource reads without an option whatever both of them read in the same way", async () => {
    const same = cases.filter(
      ({ name, pandas, duckdb }) => JSON.stringify(pandas) === JSON.stringify(duckdb) && !DIFFERENT.has(name),
    );
    expect(same.length).toBeGreaterThan(5);
    for (const { text, options: { blanks: _, ...options } = {}, pandas } of same)
      expect(await read(text, options)).toEqual(pandas);
  });
});

const spectrum = await new Promise<
  readonly { readonly name: string; readonly csv: Buffer; readonly json: Buffer }[]
>((resolve, reject) => csvSpectrum((error, items) => (error === null ? resolve(items) : reject(error))));

describe("csv-spectrum", () => {
  // What the suite expects of this one is one object with another number than its CSV has.
  it.each(spectrum.filter(({ name }) => name !== "location_coordinates"))(
    "csvSource reads $name of csv-spectrum, and finds nothing untidy",
    async ({ csv, json }) => {
      const source = csvSource(sourceOf([csv]), {});
      expect(await readAll(source)).toEqual(JSON.parse(json.toString()));
      expect(source.notes).toEqual([]);
      expect(await readAll(csvSource(sourceOf([csv]), { strict: true }))).toEqual(
        JSON.parse(json.toString()),
      );
    },
  );
});
