import { readFileSync } from "node:fs";
import { isParrotError, type Row } from "@parallel-parrot/core";
import {
  Bool,
  Dictionary,
  Int32,
  RecordBatchReader,
  Table,
  tableFromArrays,
  tableFromIPC,
  tableToIPC,
  Utf8,
  vectorFromArray,
  type RecordBatch,
} from "apache-arrow";
import { describe, expect, expectTypeOf, it } from "vitest";
import { z } from "zod";
import {
  functionProvider,
  generateData,
  generateText,
  listOf,
  objectOf,
  openSource,
  type Provider,
} from "../index.ts";

/** Answers with what follows "Say: " in the prompt; fails where that is "no". */
function echo(): Provider {
  return functionProvider({
    name: "echo",
    model: "echo",
    complete({ messages }) {
      const said = /Say: ([^]*)$/.exec(String(messages.at(-1)?.content))?.[1] ?? "";
      if (said.startsWith("no")) throw Object.assign(new Error("no"), { status: 400 });
      return said;
    },
  });
}

const ASK = { provider: echo(), prompt: "Say: ${review}", column: "summary", maxAttempts: 1 } as const;

type Reviews = { id: Int32; review: Dictionary<Utf8, Int32>; ok: Bool };

/** Two record batches, with columns of integers, categories and truths. */
function reviewTable(): Table<Reviews> {
  const text = new Dictionary(new Utf8(), new Int32(), 1);
  const batch = (id: number[], review: string[], ok: (boolean | null)[]): Table<Reviews> =>
    new Table({
      id: vectorFromArray(id, new Int32()),
      review: vectorFromArray(review, text),
      ok: vectorFromArray(ok, new Bool()),
    });
  const first = batch([1, 2, 3], ["good", "bad", "fine"], [true, null, false]);
  return first.concat(batch([4, 5], ["fine", "new"], [null, true]));
}

function cellsOf(table: { toArray(): unknown[] }): unknown {
  return JSON.parse(
    JSON.stringify(table.toArray(), (_, cell: unknown) => (typeof cell === "bigint" ? Number(cell) : cell)),
  );
}

function fixture(name: string): Uint8Array {
  return readFileSync(new URL(`../../../formats/fixtures/${name}`, import.meta.url));
}

describe("a table of apache-arrow", () => {
  it("a table comes back with a column of answers, and the arrays of its other columns are the same", async () => {
    const table = reviewTable();
    const { rows, rowCount } = await generateText(table, ASK);
    expect(rows).toBeInstanceOf(Table);
    expect(rowCount).toBe(5);
    expect(rows.schema.fields.map(({ name, type }) => `${name}: ${String(type)}`)).toEqual([
      "id: Int32",
      "review: Dictionary<Int32, Utf8>",
      "ok: Bool",
      "summary: Utf8",
    ]);
    expect(rows.batches).toHaveLength(2);
    for (const [place, batch] of rows.batches.entries())
      for (const column of [0, 1, 2])
        expect(batch.data.children[column]).toBe(table.batches[place]?.data.children[column]);
    expect(cellsOf(rows)).toEqual([
      { id: 1, review: "good", ok: true, summary: "good" },
      { id: 2, review: "bad", ok: null, summary: "bad" },
      { id: 3, review: "fine", ok: false, summary: "fine" },
      { id: 4, review: "fine", ok: null, summary: "fine" },
      { id: 5, review: "new", ok: true, summary: "new" },
    ]);
    const summary = rows.getChild("summary")?.get(0);
    expectTypeOf(summary).toEqualTypeOf<string | null | undefined>();
    expectTypeOf(rows.getChild("id")?.get(0)).toEqualTypeOf<number | null | undefined>();
    expect(tableFromIPC(tableToIPC(rows)).numRows).toBe(5);
  });

  it("a table with several objects for a row has that row as often, in the types of the schema", async () => {
    const review = [
      '[{"n":1,"tags":["a"],"score":0.5}]',
      "[]",
      '[{"n":2,"tags":[],"score":1},{"n":3,"tags":["b","c"],"score":2}]',
    ];
    const table = tableFromArrays({ id: Int32Array.of(1, 2, 3), review });
    const { rows } = await generateData(table, {
      provider: echo(),
      prompt: "Say: ${review}",
      output: listOf(z.object({ n: z.int(), tags: z.array(z.string()), score: z.number() })),
      keep: ["id"],
      empty: "drop",
      lineage: true,
    });
    expect(rows.schema.fields.map(({ name, type }) => `${name}: ${String(type)}`)).toEqual([
      "id: Int32",
      "n: Int64",
      "tags: List<Utf8>",
      "score: Float64",
      "_row: Int64",
      "_choice: Int64",
      "_item: Int64",
      "_warnings: Utf8",
    ]);
    expectTypeOf(rows.getChild("n")?.get(0)).toEqualTypeOf<number | bigint | null | undefined>();
    expect(cellsOf(rows)).toMatchObject([
      { id: 1, n: 1, tags: ["a"], score: 0.5, _row: 0, _item: 0 },
      { id: 3, n: 2, tags: [], score: 1, _row: 2, _item: 0 },
      { id: 3, n: 3, tags: ["b", "c"], score: 2, _row: 2, _item: 1 },
    ]);
  });

  it("a table leaves out the rows that fail, and keeps the order where rows come out as they are answered", async () => {
    const table = tableFromArrays({ id: Int32Array.of(1, 2, 3), review: ["a", "no", "c"] });
    const { rows, failures } = await generateText(table, { ...ASK, order: "completion" });
    expect(cellsOf(rows)).toEqual([
      { id: 1, review: "a", summary: "a" },
      { id: 3, review: "c", summary: "c" },
    ]);
    expect(failures).toMatchObject([{ index: 1, row: { id: 2 } }]);
  });

  it("a slice of a table is read and kept from where it begins", async () => {
    const { rows } = await generateText(reviewTable().slice(1, 4), ASK);
    expect(cellsOf(rows)).toEqual([
      { id: 2, review: "bad", ok: null, summary: "bad" },
      { id: 3, review: "fine", ok: false, summary: "fine" },
      { id: 4, review: "fine", ok: null, summary: "fine" },
    ]);
  });

  it("a table without rows comes back without rows and with the column of answers", async () => {
    const { rows } = await generateText(reviewTable().slice(0, 0), ASK);
    expect(rows.numRows).toBe(0);
    expect(rows.schema.names).toEqual(["id", "review", "ok", "summary"]);
  });

  it("a run over a table that has to stop gives the rows that were finished in its error", async () => {
    const table = tableFromArrays({ review: ["a", "b", "no", "d"] });
    const error: unknown = await generateText(table, { ...ASK, maxFailures: 0, concurrency: 1 }).catch(
      (reason: unknown) => reason,
    );
    expect(isParrotError(error) && error.code).toBe("TOO_MANY_FAILURES");
    expect(isParrotError(error) && error.finished?.[0]).toEqual({ review: "a", summary: "a" });
  });
});

describe("bytes of Arrow", () => {
  it.each(["arrow-types.arrow", "arrow-types.arrows"])(
    "bytes of %s come back as bytes of the same form, and every column keeps its type and cells",
    async (name) => {
      const bytes = fixture(name);
      const { rows } = await generateText(bytes, { ...ASK, prompt: "Say: ${int32}", onFailure: "null" });
      expectTypeOf(rows).toEqualTypeOf<Uint8Array>();
      expect(Buffer.from(rows.subarray(0, 6)).toString("latin1") === "ARROW1").toBe(
        name === "arrow-types.arrow",
      );
      const read = async (content: Uint8Array): Promise<Row[]> =>
        Array.fromAsync(openSource(ReadableStream.from([content]), { format: "arrow" }));
      const [before, after] = [await read(bytes), await read(rows)];
      expect(after).toEqual(
        before.map((row) =>
          Object.assign(row, { summary: row["int32"] === null ? null : JSON.stringify(row["int32"]) }),
        ),
      );
    },
  );

  it("bytes keep every type where rows are left out", async () => {
    const bytes = fixture("arrow-types.arrows");
    const read = async (content: Uint8Array): Promise<Row[]> =>
      Array.fromAsync(openSource(ReadableStream.from([content]), { format: "arrow" }));
    const before = (await read(bytes)).filter(({ text }) => text !== null);
    const { rows } = await generateData(bytes, {
      provider: functionProvider({ name: "twice", model: "m", complete: () => '[{"q":"a"},{"q":"b"}]' }),
      prompt: "About ${text}",
      output: listOf(["q"]),
    });
    expect(await read(rows)).toEqual(
      before.flatMap((row) => [
        { ...row, q: "a" },
        { ...row, q: "b" },
      ]),
    );
  });

  it.each([
    [new Uint8Array(), /neither a file nor a stream of Arrow/],
    [Buffer.from("id,text\n"), /neither a file nor a stream of Arrow/],
    [fixture("arrow-types.arrow").subarray(0, -5), /cut off/],
  ])("bytes that are no Arrow are refused before anything is asked", async (bytes, message) => {
    await expect(generateText(bytes, ASK)).rejects.toThrow(message);
  });
});

describe("record batches that come one by one", () => {
  it("record batches come out as they went in, one for each, with a column of answers", async () => {
    const reader = await RecordBatchReader.from(ReadableStream.from([tableToIPC(reviewTable(), "stream")]));
    const run = generateText(reader as AsyncIterable<RecordBatch<Reviews>>, ASK);
    const batches = await Array.fromAsync(run.rows);
    expect(batches.map(({ numRows }) => numRows)).toEqual([3, 2]);
    expect(batches.flatMap((batch) => cellsOf(batch))).toMatchObject([
      { id: 1, summary: "good" },
      { id: 2, summary: "bad" },
      { id: 3, summary: "fine" },
      { id: 4, summary: "fine" },
      { id: 5, summary: "new" },
    ]);
    expectTypeOf(batches[0]?.getChild("summary")?.get(0)).toEqualTypeOf<string | null | undefined>();
    expect(run.rowCount).toBe(5);
  });

  it("record batches without their failed rows come out, and those that were finished come before an error", async () => {
    const tables = [["a", "no"], ["c"], ["no", "no"], ["e"]].map((review) => tableFromArrays({ review }));
    const batches = async function* (): AsyncGenerator<RecordBatch> {
      for (const table of tables) yield* table.batches;
      throw new Error("the source broke");
    };
    const run = generateText(batches(), ASK);
    const got: unknown[] = [];
    const reading = (async () => {
      for await (const batch of run.rows) got.push(...(cellsOf(batch) as unknown[]));
    })();
    await expect(reading).rejects.toThrow("the source broke");
    expect(got).toEqual(["a", "c", "e"].map((review) => ({ review, summary: review })));
    expect(run.failedCount).toBe(3);
  });

  it("record batches are not mixed with rows, not given in a list, and not in the order of completion", async () => {
    const { batches } = reviewTable();
    await expect(generateText(batches as unknown as Row[], ASK)).rejects.toThrow(/new Table\(batches\)/);
    const all = async (rows: ReadableStream<unknown>): Promise<unknown[]> => Array.fromAsync(rows);
    const mixed = generateText(
      ReadableStream.from([...batches, { review: "a" }]) as ReadableStream<Row>,
      ASK,
    );
    await expect(all(mixed.rows)).rejects.toThrow(/record batches and other rows/);
    const unordered = generateText(ReadableStream.from(batches), { ...ASK, order: "completion" });
    await expect(all(unordered.rows)).rejects.toThrow(/order: "completion"/);
  });
});

describe("objects of an output without known columns", () => {
  it("a cell that its column cannot hold makes its row fail", async () => {
    const table = tableFromArrays({ id: Int32Array.of(1, 2), review: ['{"n":1}', '{"n":1e30}'] });
    const { rows, failures } = await generateData(table, {
      provider: echo(),
      prompt: "Say: ${review}",
      output: objectOf({ type: "object", properties: { n: { type: "integer" } }, required: ["n"] }),
    });
    expect(rows.numRows).toBe(1);
    expect(failures).toMatchObject([{ index: 1, failure: { stage: "formats" } }]);
  });
});
