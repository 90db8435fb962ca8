import { stringifyJson, type Choice, type JsonSchema, type Row } from "@parallel-parrot/core";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { type } from "arktype";
import * as fc from "fast-check";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { listOf, objectOf } from "../index.ts";

const ID = "1234567890123456789";
const BIG = 1_234_567_890_123_456_789n;
const stop = (text: string): Choice => ({ text, finishReason: "stop" });
const ok = (output: Row): object => ({ ok: true, outputs: [output], warnings: [] });
const withN = (n: JsonSchema): JsonSchema => ({ type: "object", properties: { n }, required: ["n"] });
const readN = (n: JsonSchema, number: string): unknown => objectOf(withN(n)).read(stop(`{"n":${number}}`));

describe("key names", () => {
  it.each([
    "1.10",
    "5.0",
    "1e400",
    "-0",
    "1E+5",
    "0.1000",
    ID,
    "12345678901234567.5",
    "100000000000000000000000",
    "[1.10,1e400]",
    `{"id":${ID},"price":1.10,"tags":[5.0]}`,
  ])("an output of key names gives a number as the text that the model wrote: %s", (written) => {
    expect(objectOf(["n"]).read(stop(`{"n":${written}}`))).toEqual(ok({ n: written }));
    expect(listOf(["n"]).read(stop(`[{"n":${written},"other":1.10}]`))).toEqual(ok({ n: written }));
    expect(listOf(["n"]).read(stop(`{"took":1.10,"items":[{"n":${written}}]}`))).toEqual(ok({ n: written }));
  });

  it("an output of key names gives every number as it was written", () => {
    const number = fc.stringMatching(/^-?(?:0|[1-9]\d{0,25})(?:\.\d{1,9})?(?:[eE][+-]?\d{1,4})?$/);
    fc.assert(
      fc.property(fc.array(number, { minLength: 1 }), (numbers) => {
        const text = `{"items":[${numbers.map((n) => `{"n":${n},"l":[${n}]}`).join(",")}]}`;
        expect(listOf(["n", "l"]).read(stop(text))).toEqual({
          ok: true,
          outputs: numbers.map((n) => ({ n, l: `[${n}]` })),
          warnings: [],
        });
      }),
    );
  });
});

describe("a JSON Schema", () => {
  it("a JSON Schema gives an integer beyond 2^53 as a bigint, and others as numbers", () => {
    expect(readN({ type: "integer" }, ID)).toEqual(ok({ n: BIG }));
    expect(readN({ type: "integer" }, "5")).toEqual(ok({ n: 5 }));
    expect(readN({ type: ["integer", "null"] }, ID)).toEqual(ok({ n: BIG }));
    expect(readN({ anyOf: [{ type: "null" }, { type: "integer" }] }, ID)).toEqual(ok({ n: BIG }));
    expect(readN({}, ID)).toEqual(ok({ n: BIG }));
    expect(readN({ type: "object" }, `{"id":${ID}}`)).toEqual(ok({ n: { id: BIG } }));
    expect(
      readN({ type: "array", uniqueItems: true, items: { type: "integer" } }, `[${ID},${BIG + 1n}]`),
    ).toEqual(ok({ n: [BIG, BIG + 1n] }));
    expect(readN({ type: "array", uniqueItems: true }, `[${ID},${ID}]`)).toMatchObject({ ok: false });
  });

  it.each<[JsonSchema, good: string, wrong: string]>([
    [{ minimum: 0 }, ID, `-${ID}`],
    [{ maximum: 0 }, `-${ID}`, ID],
    [{ exclusiveMinimum: 9_007_199_254_740_992 }, "9007199254740993", "9007199254740992"],
    [{ exclusiveMaximum: 9_007_199_254_740_994 }, "9007199254740993", "9007199254740994"],
    [{ minimum: 9_007_199_254_740_994 }, "9007199254740994", "9007199254740993"],
    [{ multipleOf: 10 }, "12345678901234567890", "12345678901234567891"],
    [{ multipleOf: 2.5 }, "12345678901234567895", "12345678901234567896"],
    [{ multipleOf: 1e-7 }, ID, "0.00000001"],
    [{ multipleOf: 1e20 }, "300000000000000000000", "300000000000000000001"],
    [{ not: { type: "integer" } }, "1.5", ID],
  ])("a JSON Schema holds bigints to its bounds exactly: %j takes %s and not %s", (bounds, good, wrong) => {
    for (const schema of [bounds, { ...bounds, type: ["integer", "number"] }]) {
      expect(readN(schema, good)).toMatchObject({ ok: true });
      expect(readN(schema, wrong)).toMatchObject({ ok: false, code: "INVALID_OUTPUT" });
    }
  });

  it("the problem of a bigint says which rule of the schema it breaks", () => {
    expect(readN({ type: "integer", maximum: 10 }, ID)).toMatchObject({
      message: expect.stringContaining("n: must be <= 10") as string,
    });
    expect(readN({ type: "boolean" }, ID)).toMatchObject({
      message: expect.stringContaining(`n: expected boolean, got ${ID}`) as string,
    });
    expect(readN({ enum: [1, 2] }, ID)).toMatchObject({
      message: expect.stringContaining(`n: expected one of 1, 2, got ${ID}`) as string,
    });
    expect(readN({ type: "integer" }, "1.5")).toMatchObject({
      message: expect.stringContaining("n: expected integer, got 1.5") as string,
    });
    expect(readN({ type: ["integer", "null"] }, '"x"')).toMatchObject({
      message: expect.stringContaining('n: expected integer or null, got "x"') as string,
    });
  });

  it("a JSON Schema takes a long integer for a number where it holds all digits, and asks again where it does not", () => {
    expect(readN({ type: "number" }, "10000000000000000000")).toEqual(ok({ n: 1e19 }));
    expect(readN({ type: "number" }, ID)).toMatchObject({
      ok: false,
      message: expect.stringContaining(
        `n: expected a number that keeps all its digits, got ${ID}; an integer beyond 2^53 needs the type "integer"`,
      ) as string,
    });
  });

  it("a JSON Schema takes a long integer for a text, with a warning, and no short one, whose writing is not known", () => {
    expect(readN({ type: "string" }, ID)).toEqual({
      ok: true,
      outputs: [{ n: ID }],
      warnings: [
        { code: "ADJUSTED", message: expect.stringContaining(`the integer ${ID} as a text`) as string },
      ],
    });
    expect(readN({ type: "string" }, "5")).toMatchObject({ ok: false });
  });

  it("a decimal with more digits than a number holds is rounded with a warning", () => {
    const written = "0.12345678901234567891";
    const outputs = [{ n: Number(written) }];
    const warnings = [
      { code: "ADJUSTED", message: expect.stringContaining(`${written} as the nearest`) as string },
    ];
    expect(readN({ type: "number" }, written)).toEqual({ ok: true, outputs, warnings });
    expect(listOf(withN({})).read(stop(`[{"n":${written}}]`))).toEqual({ ok: true, outputs, warnings });
    expect(readN({ type: "number" }, "0.1")).toEqual(ok({ n: 0.1 }));
  });

  it("a number too large for JavaScript is asked for again where a number is wanted", () => {
    for (const n of [{ type: "number" }, { type: "integer" }])
      expect(readN(n, "1e400")).toMatchObject({ message: expect.stringContaining('got "1e400"') as string });
    expect(readN({ type: "string" }, "1e400")).toEqual(ok({ n: "1e400" }));
  });
});

/** The same wishes in three libraries. */
const LIBRARIES: Record<
  string,
  Record<"bigint" | "number" | "text" | "either" | "inner", StandardSchemaV1<unknown, Row>>
> = {
  zod: {
    bigint: z.object({ n: z.bigint() }),
    number: z.object({ n: z.number() }),
    text: z.object({ n: z.string() }),
    either: z.object({ n: z.union([z.bigint(), z.null()]) }),
    inner: z.object({ n: z.array(z.object({ id: z.bigint() })) }),
  },
  valibot: {
    bigint: v.object({ n: v.bigint() }),
    number: v.object({ n: v.number() }),
    text: v.object({ n: v.string() }),
    either: v.object({ n: v.nullable(v.bigint()) }),
    inner: v.object({ n: v.array(v.object({ id: v.bigint() })) }),
  },
  arktype: {
    bigint: type({ n: "bigint" }),
    number: type({ n: "number" }),
    text: type({ n: "string" }),
    either: type({ n: "bigint | null" }),
    inner: type({ n: type({ id: "bigint" }).array() }),
  },
};

describe.each(Object.entries(LIBRARIES))("a schema of %s", (library, schemas) => {
  const read = (kind: keyof typeof schemas, n: string): unknown =>
    objectOf(schemas[kind]).read(stop(`{"n":${n}}`));

  it(`a schema of ${library} gives every integer as a bigint where it says bigint`, () => {
    for (const [written, n] of [
      [ID, BIG],
      ["5", 5n],
      ["-0", 0n],
    ] as const) {
      expect(read("bigint", written)).toEqual(ok({ n }));
      expect(read("either", written)).toEqual(ok({ n }));
      expect(read("inner", `[{"id":${written}}]`)).toEqual(ok({ n: [{ id: n }] }));
    }
    expect(read("either", "null")).toEqual(ok({ n: null }));
    for (const wrong of ["1.5", '"5"', "1e400"]) expect(read("bigint", wrong)).toMatchObject({ ok: false });
  });

  it(`a schema of ${library} that wants a bigint asks the model for an integer, and for nothing that APIs do not know`, () => {
    const { shape } = objectOf(schemas.bigint);
    expect(shape).toMatchObject({ schema: { properties: { n: { type: "integer" } } } });
    expect(JSON.stringify(shape)).not.toContain("x-");
  });

  it(`a schema of ${library} rounds no long integer`, () => {
    expect(read("number", "10000000000000000000")).toEqual(ok({ n: 1e19 }));
    expect(read("number", ID)).toMatchObject({
      ok: false,
      message: expect.stringContaining("keeps all its digits") as string,
    });
    expect(read("text", ID)).toMatchObject({ outputs: [{ n: ID }], warnings: [{ code: "ADJUSTED" }] });
  });
});

describe("zod's own coercion", () => {
  it("zod's coercion to a number rounds no long integer", () => {
    const schema = z.object({ n: z.coerce.number() });
    expect(objectOf(schema).read(stop(`{"n":${ID}}`))).toMatchObject({ ok: false, code: "INVALID_OUTPUT" });
    expect(objectOf(schema).read(stop('{"n":5}'))).toEqual(ok({ n: 5 }));
    expect(objectOf(z.object({ n: z.coerce.bigint() })).read(stop(`{"n":${ID}}`))).toEqual(ok({ n: BIG }));
  });
});

describe("an answer with integers of any length", () => {
  it("an answer with integers of any length is written as it was read", () => {
    const list = listOf({ type: "object", properties: { id: { type: "integer" } }, required: ["id"] });
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: -(2n ** 90n), max: 2n ** 90n })), (ids) => {
        const items = `[${ids.map((id) => `{"id":${id}}`).join(",")}]`;
        const reading = list.read(stop(`{"items":${items}}`));
        expect(reading).toMatchObject({ ok: true, warnings: [] });
        expect("outputs" in reading && stringifyJson(reading.outputs)).toBe(items);
      }),
    );
  });
});
