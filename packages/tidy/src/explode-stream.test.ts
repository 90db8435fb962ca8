import { NO_USAGE, type Failed, type Parsed, type Row } from "@parallel-parrot/core";
import { readAll, sourceOf, testStage } from "@parallel-parrot/core/testing";
import { afterEach, describe, expect, expectTypeOf, it, vi } from "vitest";
import { explodeStream } from "./index.ts";

type Doc = { id: number; text: string };
type Answer = { title: string; text: string };

function parsed(index: number, ...outputs: readonly Row[]): Parsed {
  return { index, row: { id: index }, outputs: [outputs], columns: ["q"], warnings: [] };
}

function failed(index: number): Failed {
  const failure = {
    stage: "parse",
    code: "REFUSED",
    message: `Reason ${index}`,
    attempts: 1,
    usage: NO_USAGE,
  } as const;
  return { index, row: { id: index }, failure };
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe("explodeStream", () => {
  testStage<Parsed | Failed, Row>(it, {
    stage: () => explodeStream({ onFailure: "null", columns: ["q"] }),
    inputs: [parsed(0, { q: "a" }, { q: "b" }), parsed(1), failed(2), parsed(3, { q: "c" })],
    outputs: [
      { id: 0, q: "a" },
      { id: 0, q: "b" },
      { id: 1, q: null },
      { id: 2, q: null },
      { id: 3, q: "c" },
    ],
    callbacks: { onFailure: (fail) => explodeStream({ onFailure: fail }) },
  });

  it("explodeStream drops failed rows, and emits one warning about them at its end", async () => {
    const warn = vi.spyOn(process, "emitWarning").mockReturnValue();
    const items = [failed(0), parsed(1, { q: "a" }), failed(2)];
    expect(await readAll(sourceOf(items).pipeThrough(explodeStream()))).toEqual([{ id: 1, q: "a" }]);
    expect(warn.mock.calls).toEqual([
      ["2 rows failed and were dropped; the first was row 1 (REFUSED): Reason 0", "ParrotWarning"],
    ]);
  });

  it.each([
    ["no row failed", {}, [parsed(0)]],
    ["told to drop", { onFailure: "drop" }, [failed(0)]],
    ["told whom to tell", { onFailure: () => undefined }, [failed(0)]],
  ] as const)("explodeStream does not warn when %s", async (_when, options, items) => {
    const warn = vi.spyOn(process, "emitWarning").mockReturnValue();
    await readAll(sourceOf<Parsed | Failed>(items).pipeThrough(explodeStream(options)));
    expect(warn).not.toHaveBeenCalled();
  });

  it("explodeStream fails the run at a failed row with onFailure throw", async () => {
    const run = readAll(
      sourceOf<Parsed | Failed>([parsed(0), failed(1)]).pipeThrough(explodeStream({ onFailure: "throw" })),
    );
    await expect(run).rejects.toMatchObject({ code: "ROW_FAILED", row: 1 });
  });

  it("explodeStream fails the run when the first row lacks a column to keep", async () => {
    const run = readAll(sourceOf<Parsed | Failed>([parsed(0)]).pipeThrough(explodeStream({ keep: ["idd"] })));
    await expect(run).rejects.toMatchObject({
      code: "MISSING_COLUMN",
      column: "idd",
      message:
        'Cannot use the option keep: the first row has no column "idd" (did you mean "id"?); the columns are "id"',
    });
  });

  it("explodeStream takes rows without a column to keep where checkFirstRow is false", async () => {
    const items = sourceOf<Parsed | Failed>([parsed(0)]);
    const rows = await readAll(items.pipeThrough(explodeStream({ keep: ["idd"], checkFirstRow: false })));
    expect(rows.map((row) => Object.keys(row).includes("id"))).not.toContain(true);
  });

  it("explodeStream takes the types from the source and the options", () => {
    const items = sourceOf<Parsed<Doc, Answer> | Failed<Doc>>([]);
    const typeOf = (): typeof items => items;
    expectTypeOf(() => typeOf().pipeThrough(explodeStream())).returns.toEqualTypeOf<
      ReadableStream<{ id: number; text: string; title: string | null; text_2: string | null }>
    >();
    expectTypeOf(() => typeOf().pipeThrough(explodeStream({ empty: "drop" }))).returns.toEqualTypeOf<
      ReadableStream<{ id: number; text: string; title: string; text_2: string }>
    >();
    expectTypeOf(() =>
      typeOf().pipeThrough(explodeStream({ empty: "drop", onFailure: "null", columns: [], keep: "none" })),
    ).returns.toEqualTypeOf<ReadableStream<{ title: string | null; text: string | null }>>();
    expectTypeOf(() =>
      typeOf().pipeThrough(explodeStream({ empty: "drop", keep: ["id"] })),
    ).returns.toEqualTypeOf<ReadableStream<{ id: number; title: string; text: string }>>();
    expectTypeOf(() =>
      typeOf().pipeThrough(explodeStream({ empty: "drop", keep: "none", lineage: true })),
    ).returns.toEqualTypeOf<
      ReadableStream<{
        title: string;
        text: string;
        _row: number;
        _choice: number;
        _item: number;
        _warnings: string | null;
      }>
    >();
    expectTypeOf(() =>
      typeOf().pipeThrough(explodeStream({ keep: "none", lineage: { row: "id" } })),
    ).returns.toEqualTypeOf<
      ReadableStream<{
        title: string | null;
        text: string | null;
        id: number;
        _choice: number | null;
        _item: number | null;
        _warnings: string | null;
      }>
    >();
  });

  it("explodeStream has the right type of rows for each value of collision", () => {
    type Numbered = { id: number; text: number; text_2: number };
    const items = (): ReadableStream<Parsed<Numbered, Answer> | Failed<Numbered>> => sourceOf([]);
    expectTypeOf(() => items().pipeThrough(explodeStream({ empty: "drop" }))).returns.toEqualTypeOf<
      ReadableStream<{ id: number; text: number; text_2: number; title: string; text_3: string }>
    >();
    expectTypeOf(() =>
      items().pipeThrough(explodeStream({ empty: "drop", collision: "overwrite" })),
    ).returns.toEqualTypeOf<ReadableStream<{ id: number; text_2: number; title: string; text: string }>>();
    expectTypeOf(() =>
      items().pipeThrough(explodeStream({ empty: "drop", collision: "keep" })),
    ).returns.toEqualTypeOf<ReadableStream<{ id: number; text: number; text_2: number; title: string }>>();
  });

  it("explodeStream has the right type of rows for outputs of several types and of unknown types", () => {
    type Kinds = { kind: "a"; text: number } | { kind: "b" };
    const kinds = (): ReadableStream<Parsed<Doc, Kinds> | Failed<Doc>> => sourceOf([]);
    expectTypeOf(() => kinds().pipeThrough(explodeStream({ empty: "drop" }))).returns.toEqualTypeOf<
      ReadableStream<
        { id: number; text: string; kind: "a"; text_2: number } | { id: number; text: string; kind: "b" }
      >
    >();
    const unknown = (): ReadableStream<Parsed<Doc> | Failed<Doc>> => sourceOf([]);
    expectTypeOf(() => unknown().pipeThrough(explodeStream({ lineage: { row: "id" } }))).returns.toExtend<
      ReadableStream<{ [column: string]: unknown; id: number; text: string }>
    >();
  });

  it("explodeStream has the right type for rows whose columns are not known, and for the failed row of a callback", () => {
    expectTypeOf(() =>
      sourceOf<Parsed<Row, Answer> | Failed>([]).pipeThrough(explodeStream({ empty: "drop" })),
    ).returns.toEqualTypeOf<ReadableStream<{ [column: string]: unknown; title: string; text: string }>>();
    const items = (): ReadableStream<Parsed<Doc, Answer> | Failed<Doc>> => sourceOf([]);
    items().pipeThrough(
      explodeStream({ onFailure: (item) => expectTypeOf(item).toEqualTypeOf<Failed<Doc>>() }),
    );
    // @ts-expect-error No such option
    expectTypeOf(() => explodeStream({ empty: "drop", colision: "keep" })).toBeFunction();
    // @ts-expect-error No such value
    expectTypeOf(() => explodeStream({ empty: "nil" })).toBeFunction();
  });
});
