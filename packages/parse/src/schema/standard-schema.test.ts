import type { Choice, Row } from "@parallel-parrot/core";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { type } from "arktype";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import * as zm from "zod/mini";
import { listOf, objectOf } from "../index.ts";

const stop = (text: string): Choice => ({ text, finishReason: "stop" });

const SCHEMAS: Record<string, StandardSchemaV1<unknown, Row>> = {
  zod: z.object({
    name: z.string(),
    kind: z.enum(["Cat", "Dog"]),
    age: z.string().transform(Number),
    note: z.string().optional(),
    home: z.string().default("here"),
  }),
  valibot: v.object({
    name: v.string(),
    kind: v.picklist(["Cat", "Dog"]),
    age: v.pipe(v.string(), v.transform(Number)),
    note: v.optional(v.string()),
    home: v.optional(v.string(), "here"),
  }),
  arktype: type({
    name: "string",
    kind: "'Cat'|'Dog'",
    age: "string.numeric.parse",
    "note?": "string",
    home: "string = 'here'",
  }),
};

describe.each(Object.entries(SCHEMAS))("a schema of %s", (library, schema) => {
  const output = objectOf(schema);

  it(`a schema of ${library} gives its output: transformed, with defaults, nulls of optional properties taken as missing`, () => {
    const text = '{"name":"Mia","kind":"Cat","age":"3","note":null}';
    expect(output.read(stop(text))).toEqual({
      ok: true,
      outputs: [{ name: "Mia", kind: "Cat", age: 3, home: "here" }],
      warnings: [],
    });
  });

  it(`a schema of ${library} takes its enum values in any capitalisation`, () => {
    expect(output.read(stop('{"name":"Mia","kind":"CAT","age":"3"}'))).toMatchObject({
      outputs: [{ kind: "Cat" }],
    });
  });

  it(`a schema of ${library} says where an answer is wrong`, () => {
    expect(
      listOf(schema).read(stop('[{"name":"Mia","kind":"Cat","age":"3"},{"name":7,"kind":"Cow","age":"3"}]')),
    ).toMatchObject({
      ok: false,
      code: "INVALID_OUTPUT",
      message: expect.stringMatching(
        /items\[1\]\.(?:name: .*items\[1\]\.kind|kind: .*items\[1\]\.name): /,
      ) as string,
    });
  });

  it(`a schema of ${library} asks the model for the schema's input type`, () => {
    expect(output.shape).toMatchObject({
      schema: {
        type: "object",
        properties: { name: { type: "string" }, age: { type: "string" } },
        required: expect.not.arrayContaining(["note", "home"]) as string[],
      },
    });
    expect(JSON.stringify(output.shape)).not.toContain("$schema");
  });

  it(`a schema of ${library} does not pollute prototypes`, () => {
    const text =
      '{"name":"Mia","kind":"Cat","age":"3","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}';
    expect(output.read(stop(text))).toMatchObject({ ok: true, outputs: [{ name: "Mia" }] });
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });
});

describe("a Standard Schema", () => {
  it("a Standard Schema may validate asynchronously", async () => {
    const taken = async (name: string): Promise<boolean> => !(await Promise.resolve(["Tom"])).includes(name);
    const schema = z.object({ name: z.string().refine(taken, "the name is taken") });
    const list = listOf(schema);
    expect(await list.read(stop('[{"name":"Mia"},{"name":"Lea"}]'))).toMatchObject({
      outputs: [{ name: "Mia" }, { name: "Lea" }],
    });
    expect(await list.read(stop('[{"name":"Mia"},{"name":"Tom"}]'))).toMatchObject({
      message: expect.stringContaining("items[1].name: the name is taken") as string,
    });
    expect(await objectOf(schema).read(stop('{"name":"Mia"}'))).toMatchObject({ outputs: [{ name: "Mia" }] });
  });

  it("a Standard Schema may throw on a bad value, at once or later", async () => {
    const fail = (): never => {
      throw new Error("not today");
    };
    const zod = z.object({ a: z.string().transform(fail) });
    const later: StandardSchemaV1<unknown, Row> = {
      "~standard": {
        version: 1,
        vendor: "mine",
        validate: async () => Promise.reject(new Error("not today")),
      },
    };
    for (const output of [objectOf(zod), objectOf(later, { jsonSchema: { type: "object" } })])
      expect(await output.read(stop('{"a":"x"}'))).toEqual({
        ok: false,
        code: "INVALID_OUTPUT",
        message: "The answer is not as asked for: not today",
      });
  });

  it("a Standard Schema without a JSON Schema for all its types goes to the model in words alone", () => {
    const output = listOf(z.object({ name: z.string(), born: z.coerce.date() }));
    expect(output.columns).toEqual(["name", "born"]);
    expect(output.shape).not.toHaveProperty("schema");
    expect(output.shape).toMatchObject({ instructions: expect.stringContaining('"name", "born"') as string });
    expect(output.read(stop('{"name":"Mia","born":"2020-02-29"}'))).toMatchObject({
      outputs: [{ born: new Date("2020-02-29") }],
    });
  });

  it("a Standard Schema that does not say its keys is refused, with what to do", () => {
    const silent: StandardSchemaV1<unknown, Row> = {
      "~standard": { version: 1, vendor: "mine", validate: (value) => ({ value: value as Row }) },
    };
    const mini = zm.object({ a: zm.string() });
    expect(() => objectOf(mini)).toThrow("such as jsonSchema: z.toJSONSchema(schema)");
    expect(objectOf(mini, { jsonSchema: zm.toJSONSchema(mini) }).shape).toMatchObject({
      schema: { type: "object", properties: { a: { type: "string" } } },
    });
    for (const schema of [silent, z.custom<Row>(), z.any() as StandardSchemaV1<unknown, Row>])
      for (const make of [objectOf, listOf])
        expect(() => make(schema)).toThrow(
          expect.objectContaining({
            code: "INVALID_OPTION",
            option: "jsonSchema",
            message: expect.stringMatching(/the library (?:mine|zod) makes no JSON Schema/) as string,
          }) as Error,
        );
  });

  it("the option jsonSchema is refused beside key names and beside a JSON Schema", () => {
    for (const spec of [["a"], { type: "object" }])
      expect(() => objectOf(spec, { jsonSchema: { type: "object" } })).toThrow(
        expect.objectContaining({ code: "INVALID_OPTION", option: "jsonSchema" }) as Error,
      );
  });

  it("a Standard Schema of an unknown library works with a JSON Schema beside it", () => {
    const schema: StandardSchemaV1<unknown, { a: number }> = {
      "~standard": {
        version: 1,
        vendor: "mine",
        validate: (value) => {
          const a: unknown =
            typeof value === "object" && value !== null && "a" in value ? value.a : undefined;
          return typeof a === "number"
            ? { value: { a } }
            : { issues: [{ message: "a number please", path: [{ key: "a" }] }] };
        },
      },
    };
    const output = listOf(schema, {
      jsonSchema: { type: "object", properties: { a: { type: "number" } }, required: ["a"] },
    });
    expect(output.columns).toEqual([]);
    expect(output.shape).toMatchObject({
      type: "json",
      name: "items",
      instructions: expect.stringContaining('Keys of each object: "a".') as string,
      schema: { properties: { items: { items: { properties: { a: { type: "number" } } } } } },
    });
    for (const text of ['{"items":[{"a":1}]}', '{"a":1}', '{"list":[{"a":1}]}', '{"1":{"a":1}}'])
      expect(output.read(stop(text))).toMatchObject({ outputs: [{ a: 1 }] });
    expect(output.read(stop('[{"a":"x"}]'))).toMatchObject({
      message: expect.stringContaining("items[0].a: a number please") as string,
    });
  });

  it("a Standard Schema knows the columns behind a transform, or none", () => {
    const renamed = z.object({ a: z.string() }).transform(({ a }) => ({ b: a }));
    expect(objectOf(renamed).columns).toEqual([]);
    expect(objectOf(renamed.pipe(z.object({ b: z.string() }))).columns).toEqual(["b"]);
    const valibotRenamed = v.pipe(
      v.object({ a: v.string() }),
      v.transform(({ a }) => ({ b: a })),
    );
    expect(objectOf(valibotRenamed).columns).toEqual([]);
  });

  it.each([
    ["zod", z.string()],
    ["zod's list", z.array(z.object({}))],
    ["zod's nullable object", z.object({}).nullable()],
    ["valibot", v.string()],
    ["arktype", type("string")],
  ])("a Standard Schema of something else than objects is refused: %s", (_, schema) => {
    const make = (): unknown => listOf(schema as unknown as StandardSchemaV1<unknown, Row>);
    expect(make).toThrow(expect.objectContaining({ code: "INVALID_OPTION", option: "spec" }) as Error);
  });

  it("a Standard Schema takes an answer that is valid as it stands, whichever alternative it seemed to be", async () => {
    const spec = z.union([
      z.object({ k: z.string(), n: z.string().optional(), q: z.number() }),
      z.object({ k: z.string(), n: z.string().nullable(), q: z.string() }),
    ]);
    const answer = { k: "x", n: null, q: "s" };
    expect(await objectOf(spec).read({ text: JSON.stringify(answer), finishReason: "stop" })).toMatchObject({
      ok: true,
      outputs: [answer],
    });
  });

  describe("with functions that reject", () => {
    const down = (): Promise<never> => Promise.reject(new Error("the lookup is down"));
    const later = async (): Promise<never> => {
      await new Promise((resolve) => setImmediate(resolve));
      throw new Error("the lookup is down");
    };
    const answer = stop('{"a":"x","b":"y"}');

    it.each<[string, StandardSchemaV1<unknown, Row>]>([
      ["zod's transform", z.object({ a: z.string().transform(down) })],
      ["zod's refine", z.object({ a: z.string().refine(down) })],
      ["zod's refine, later", z.object({ a: z.string().refine(later) })],
      ["zod's superRefine", z.object({ a: z.string() }).superRefine(down)],
      ["two of zod's refines", z.object({ a: z.string() }).refine(down).refine(down)],
      ["two of zod's refines, later", z.object({ a: z.string() }).refine(down).refine(later)],
      ["refines of two of zod's keys", z.object({ a: z.string().refine(down), b: z.string().refine(later) })],
      ["zod's preprocess", z.object({ a: z.preprocess(down, z.string()) })],
      ["zod's lazy", z.object({ a: z.lazy(() => z.string().refine(down)) })],
      ["a list of zod's unions", z.object({ a: z.union([z.string().refine(down), z.number()]) })],
      ["zod-mini's refine", zm.object({ a: zm.string().check(zm.refine(down)) })],
      ["valibot's transform", v.object({ a: v.pipe(v.string(), v.transform(down)) })],
      [
        "valibot's asynchronous transform",
        v.objectAsync({ a: v.pipeAsync(v.string(), v.transformAsync(down)) }),
      ],
      [
        "two of valibot's asynchronous checks",
        v.objectAsync({
          a: v.pipeAsync(v.string(), v.checkAsync(down)),
          b: v.pipeAsync(v.string(), v.checkAsync(down)),
        }),
      ],
      ["arktype's pipe", type({ a: type("string").pipe(down) })],
      [
        "arktype's pipe of the whole",
        type({ a: "string" }).pipe(down) as unknown as StandardSchemaV1<unknown, Row>,
      ],
    ])(
      "a function of a Standard Schema that rejects fails the answer, and never the process: %s",
      async (name, schema) => {
        const options = name.startsWith("zod-mini") ? { jsonSchema: { type: "object" } } : {};
        const unhandled: unknown[] = [];
        const note = (reason: unknown): void => void unhandled.push(reason);
        process.on("unhandledRejection", note);
        try {
          expect(await objectOf(schema, options).read(answer)).toMatchObject({
            ok: false,
            code: "INVALID_OUTPUT",
            message: expect.stringContaining("the lookup is down") as string,
          });
          for (let turns = 0; turns < 5; turns++) await new Promise((resolve) => setImmediate(resolve));
          expect(unhandled).toEqual([]);
        } finally {
          process.off("unhandledRejection", note);
        }
      },
    );

    it("an asynchronous function of a Standard Schema runs once for each value, and twice for the first", async () => {
      const calls: string[] = [];
      const schema = z.object({
        a: z.string().transform(async (text) => (calls.push(text), text.toUpperCase())),
      });
      const output = objectOf(schema);
      for (const text of ["1", "2", "3"])
        expect(await output.read(stop(`{"a":"x${text}"}`))).toMatchObject({ outputs: [{ a: `X${text}` }] });
      expect(calls).toEqual(["x1", "x1", "x2", "x3"]);
    });

    it("parsing waits for what a schema library leaves as a promise", async () => {
      const schema = type({ a: type("string").pipe(async (text) => text.toUpperCase()), b: "string" });
      expect(await objectOf(schema).read(answer)).toMatchObject({ outputs: [{ a: "X", b: "y" }] });
    });
  });
});
