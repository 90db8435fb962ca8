// @module-tag slow

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getCell, stringifyJson, type Row } from "@parallel-parrot/core";
import { readAll, sourceOf } from "@parallel-parrot/core/testing";
import {
  array,
  assert,
  asyncProperty,
  constantFrom,
  dictionary,
  jsonValue,
  oneof,
  string,
  tuple,
  uniqueArray,
} from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSink, openSource } from "./index.ts";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "parrot-round-trip-"));
});
afterAll(() => rm(directory, { recursive: true }));

const awkward = constantFrom(
  '"',
  '""',
  ",",
  "\t",
  "\n",
  "\r\n",
  "\r",
  " ",
  "\uFEFF",
  "\u2028",
  "=1",
  "-5",
  "'",
  "\\",
  "\\N",
  "[",
  "}",
  "\0",
  "🦜",
  "e\u0301",
  "\uFFFD",
  "__proto__",
  "constructor",
  "2020",
);
const cell = oneof(
  string({ unit: "binary" }),
  array(awkward, { maxLength: 6 }).map((parts) => parts.join("")),
);
// A file with a null character in its first two bytes is taken for UTF-16.
const column = oneof(cell, awkward).filter((name) => name !== "" && !name.slice(0, 2).includes("\0"));

/**
 * What is read from a file that rows were written to, as text: it shows the order of columns, and one called
 * \`__proto__\` or \`constructor\` is like any other.
 */
async function through(rows: readonly Row[], extension: string): Promise<string | undefined> {
  const path = join(directory, `rows.${extension}`);
  await sourceOf(rows).pipeTo(await openSink(path, { overwrite: true, escapeFormulas: false }));
  return stringifyJson(await readAll(openSource(path)));
}

function rowOf(columns: readonly string[], cells: readonly unknown[]): Row {
  return Object.fromEntries(columns.map((name, index) => [name, cells[index]]));
}

/** All keys, those of objects within objects too. */
function keysOf(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.keys(value).concat(Object.values(value).flatMap(keysOf));
}

describe("rows come back from a file as they were", () => {
  it.each(["csv", "tsv", "csv.gz", "tsv.zst"])(
    "rows of texts come back from %s as they were",
    async (extension) => {
      const table = uniqueArray(column, { minLength: 1, maxLength: 4 }).chain((columns) => {
        const cells = array(cell, { minLength: columns.length, maxLength: columns.length });
        return array(cells, { minLength: 1, maxLength: 5 }).map((all) =>
          all.map((row) => rowOf(columns, row)),
        );
      });
      await assert(
        asyncProperty(table, async (rows) => {
          expect(await through(rows, extension)).toBe(JSON.stringify(rows));
        }),
      );
    },
  );

  it.each(["csv", "tsv"])(
    "a row of a single column with a blank for its name comes back from %s",
    async (extension) => {
      const rows = [{ " ": ",-5" }];
      expect(await through(rows, extension)).toBe(JSON.stringify(rows));
    },
  );

  it("rows come back from a CSV file whose header grows as they were", async () => {
    const cells = array(cell, { minLength: 3, maxLength: 3 });
    const table = array(tuple(uniqueArray(column, { maxLength: 3 }), cells), { minLength: 1, maxLength: 6 });
    await assert(
      asyncProperty(table, async (all) => {
        const rows = all.map(([names, values]) => rowOf(names, values)).concat({ last: "1" });
        const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
        const full = rows.map((row) =>
          rowOf(
            columns,
            columns.map((name) => getCell(row, name) ?? ""),
          ),
        );
        expect(await through(rows, "csv")).toBe(JSON.stringify(full));
      }),
    );
  });

  it.each(["jsonl", "json", "jsonl.zst", "json.gz"])(
    "rows of any JSON come back from %s as they were",
    async (extension) => {
      const rows = array(dictionary(column, jsonValue(), { maxKeys: 4 }), { minLength: 1, maxLength: 5 })
        // Having read such a key, V8 takes another that begins with an escape for it: a fault of its JSON.parse.
        .filter((all) => !keysOf(all).some((key) => key.startsWith("\\")))
        // What JSON itself does not keep, such as -0.
        .map((all) => JSON.parse(JSON.stringify(all)) as Row[]);
      await assert(
        asyncProperty(rows, async (all) => {
          expect(await through(all, extension)).toBe(JSON.stringify(all));
        }),
      );
    },
  );
});
