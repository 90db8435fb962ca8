import type { Completed, Failed, JsonSchema, Output, Parsed, Row } from "@parallel-parrot/core";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { type } from "arktype";
import * as v from "valibot";
import { expectTypeOf } from "vitest";
import * as z from "zod";
import { listOf, objectOf, parseCompletion, parseStream, text } from "./index.ts";

type Doc = { id: number; text: string };
declare const completions: ReadableStream<Completed<Doc> | Failed<Doc>>;
declare const onlyCompletions: ReadableStream<Completed<Doc>>;
declare const completed: Completed<Doc>;

type Items<T extends Row> = ReadableStream<Parsed<Doc, T> | Failed<Doc>>;
type Qa = { question: string; answer: string };

// Key names
expectTypeOf(listOf(["question", "answer"])).toEqualTypeOf<Output<Qa>>();
expectTypeOf(objectOf(["question", "answer"])).toEqualTypeOf<Output<Qa>>();
expectTypeOf(completions.pipeThrough(parseStream(listOf(["question", "answer"])))).toEqualTypeOf<Items<Qa>>();
expectTypeOf(listOf(["a"] as string[])).toEqualTypeOf<Output<{ [x: string]: string }>>();

// Text
expectTypeOf(text()).toEqualTypeOf<Output<{ output: string }>>();
expectTypeOf(text("summary")).toEqualTypeOf<Output<{ summary: string }>>();
expectTypeOf(completions.pipeThrough(parseStream(text("summary")))).toEqualTypeOf<
  Items<{ summary: string }>
>();
expectTypeOf(onlyCompletions.pipeThrough(parseStream(text()))).toEqualTypeOf<Items<{ output: string }>>();

// Thoughts in a column of their own
expectTypeOf(text("summary", { thoughts: "why" })).toEqualTypeOf<
  Output<{ summary: string; why: string | null }>
>();
expectTypeOf(objectOf(["question"], { thoughts: "why" })).toEqualTypeOf<
  Output<{ question: string; why: string | null }>
>();
expectTypeOf(
  listOf(z.object({ a: z.number(), b: z.string().optional() }), { thoughts: "why" }),
).toEqualTypeOf<Output<{ a: number; b?: string | undefined; why: string | null }>>();

// zod: the type behind transforms and defaults
const zodQa = z.object({
  question: z.string(),
  score: z.string().transform(Number),
  tags: z.array(z.string()).default([]),
  note: z.string().optional(),
});
type ZodQa = { question: string; score: number; tags: string[]; note?: string | undefined };
expectTypeOf(listOf(zodQa)).toEqualTypeOf<Output<ZodQa>>();
expectTypeOf(objectOf(zodQa)).toEqualTypeOf<Output<ZodQa>>();
expectTypeOf(completions.pipeThrough(parseStream(listOf(zodQa)))).toEqualTypeOf<Items<ZodQa>>();

// A schema of rows that are declared as an interface
interface Pair {
  question: string;
  note?: string;
}
expectTypeOf(objectOf(z.object({ question: z.string() }) as z.ZodType<Pair>)).toEqualTypeOf<
  Output<{ question: string; note?: string }>
>();
expectTypeOf(
  listOf(type({ question: "string" }) as unknown as StandardSchemaV1<unknown, Pair>),
).toEqualTypeOf<Output<{ question: string; note?: string }>>();
expectTypeOf(
  completions.pipeThrough(parseStream(objectOf(z.object({ question: z.string() }) as z.ZodType<Pair>))),
).toEqualTypeOf<Items<{ question: string; note?: string }>>();

// What is no object
// @ts-expect-error -- a text
objectOf(z.string());
// @ts-expect-error -- a list
objectOf(z.array(z.object({ a: z.string() })));
// @ts-expect-error -- a map
objectOf(z.map(z.string(), z.string()));

// valibot
const valibotQa = v.object({
  question: v.string(),
  score: v.pipe(v.string(), v.transform(Number)),
  tags: v.optional(v.array(v.string()), []),
});
type ValibotQa = { question: string; score: number; tags: string[] };
expectTypeOf(listOf(valibotQa)).toEqualTypeOf<Output<ValibotQa>>();
expectTypeOf(completions.pipeThrough(parseStream(objectOf(valibotQa)))).toEqualTypeOf<Items<ValibotQa>>();

// arktype
const arkQa = type({ question: "string", score: "string.numeric.parse", "note?": "string" });
type ArkQa = { question: string; score: number; note?: string };
expectTypeOf(listOf(arkQa)).toEqualTypeOf<Output<ArkQa>>();
expectTypeOf(completions.pipeThrough(parseStream(listOf(arkQa)))).toEqualTypeOf<Items<ArkQa>>();

// JSON Schema
const fromLiteral = listOf({
  type: "object",
  properties: {
    name: { type: "string" },
    age: { type: "integer", minimum: 0, maximum: 200 },
    id: { type: "integer" },
    far: { type: "integer", minimum: 0, maximum: 9007199254740992 },
    kind: { enum: ["cat", "dog"] },
    vip: { const: true },
    tags: { type: "array", items: { type: "string" } },
    owner: { type: ["string", "null"] },
    home: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
    either: { anyOf: [{ type: "number" }, { type: "boolean" }] },
    anything: {},
  },
  required: ["name", "kind", "home"],
});
expectTypeOf(fromLiteral).toEqualTypeOf<
  Output<{
    name: string;
    kind: "cat" | "dog";
    home: { city: string };
    age?: number;
    id?: number | bigint;
    far?: number | bigint;
    vip?: true;
    tags?: string[];
    owner?: string | null;
    either?: number | boolean;
    anything?: unknown;
  }>
>();
expectTypeOf(completions.pipeThrough(parseStream(objectOf({ type: "object" })))).toEqualTypeOf<
  Items<Record<string, unknown>>
>();
expectTypeOf(listOf(z.object({ id: z.bigint(), n: z.number() }))).toEqualTypeOf<
  Output<{ id: bigint; n: number }>
>();
declare const loaded: JsonSchema;
expectTypeOf(listOf(loaded)).toEqualTypeOf<Output>();
declare const wide: { type: string; properties: object };
expectTypeOf(listOf(wide)).toEqualTypeOf<Output>();

// One item
expectTypeOf(parseCompletion(text(), completed)).toEqualTypeOf<
  Promise<Parsed<Doc, { output: string }> | Failed<Doc>>
>();

// What is no object does not compile.
// @ts-expect-error a list of texts is not a list of objects
listOf(z.string());
// @ts-expect-error nor is this
listOf(v.string());
// @ts-expect-error nor is this
listOf(type("string"));
// @ts-expect-error nor is this
objectOf(12);
