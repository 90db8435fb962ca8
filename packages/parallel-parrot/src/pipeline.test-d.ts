import { expectTypeOf } from "vitest";
import * as z from "zod";
import {
  generateText,
  listOf,
  objectOf,
  pipeline,
  promptStream,
  template,
  text,
  type Failed,
  type Pipeline,
  type Prompted,
  type Provider,
  type Row,
  type Stage,
} from "./index.ts";

interface Review {
  readonly product: string;
  readonly review?: string;
}
type Doc = { id: number; text: string };

declare const provider: Provider;
declare const docs: ReadableStream<Doc>;
declare const reviews: ReadableStream<Review>;
const base = { provider, prompt: "Questions about ${text}" } as const;

// In a constant, what the pipeline adds is typed, and the columns of the input are unknown.
const questions = pipeline({ ...base, output: listOf(z.object({ q: z.string() })) });
expectTypeOf(questions).toEqualTypeOf<Pipeline<object, Row, { [x: string]: unknown; q: string | null }>>();
for await (const row of docs.pipeThrough(questions)) {
  expectTypeOf(row.q).toEqualTypeOf<string | null>();
  expectTypeOf(row["id"]).toEqualTypeOf<unknown>();
}
const summaries = pipeline({ ...base, output: text("summary") });
for await (const row of reviews.pipeThrough(summaries))
  expectTypeOf(row.summary).toEqualTypeOf<string | null>();
const pairs = pipeline({ ...base, output: objectOf(["question", "answer"]), empty: "drop" });
for await (const row of docs.pipeThrough(pairs)) expectTypeOf(row.answer).toEqualTypeOf<string>();

// The options in a constant tell the type of its rows, as they do within pipeThrough.
const withLineage = pipeline({ ...base, output: text(), lineage: { row: "source" }, keep: "none" });
for await (const row of docs.pipeThrough(withLineage)) {
  expectTypeOf(row).toEqualTypeOf<{
    output: string | null;
    source: number;
    _choice: number | null;
    _item: number | null;
    _warnings: string | null;
  }>();
}
const keptFailures = pipeline({ ...base, output: text("summary"), empty: "drop", onFailure: "null" });
for await (const row of docs.pipeThrough(keptFailures))
  expectTypeOf(row.summary).toEqualTypeOf<string | null>();
const told = pipeline({
  ...base,
  output: text("summary"),
  empty: "drop",
  onFailure(failed) {
    expectTypeOf(failed).toEqualTypeOf<Failed>();
  },
});
for await (const row of docs.pipeThrough(told)) expectTypeOf(row.summary).toEqualTypeOf<string>();
expectTypeOf(told.failures).toEqualTypeOf<readonly Failed[]>();

// A prompt in a constant that is a function, or a template with columns, takes rows of any type.
const asked = pipeline({
  provider,
  prompt(row) {
    expectTypeOf(row).toEqualTypeOf<Row>();
    return String(row["text"]);
  },
  output: text(),
});
expectTypeOf(docs.pipeThrough(asked)).toEqualTypeOf<
  ReadableStream<{ [x: string]: unknown; output: string | null }>
>();
const tagged = pipeline({ provider, prompt: template`Summarise ${"text"}`, output: text() });
expectTypeOf(docs.pipeThrough(tagged)).toEqualTypeOf<
  ReadableStream<{ [x: string]: unknown; output: string | null }>
>();

// Where the type of its rows is named, a constant has the columns of the input as well.
const named = pipeline<Doc, { q: string }>({
  provider,
  prompt: (row) => row.text,
  output: listOf(z.object({ q: z.string() })),
});
expectTypeOf(docs.pipeThrough(named)).toEqualTypeOf<
  ReadableStream<{ id: number; text: string; q: string | null }>
>();

// The stage that renders prompts takes rows of any type in a constant, too.
expectTypeOf(promptStream("About ${text}")).toEqualTypeOf<Stage<object, Prompted | Failed>>();

// Within pipeThrough, the source tells the type of the rows.
expectTypeOf(docs.pipeThrough(pipeline({ ...base, output: listOf(["q"]), empty: "drop" }))).toEqualTypeOf<
  ReadableStream<{ id: number; text: string; q: string }>
>();
expectTypeOf(
  reviews.pipeThrough(
    pipeline({ provider, prompt: ({ product }) => product, output: text("summary"), lineage: true }),
  ),
).toEqualTypeOf<
  ReadableStream<{
    readonly product: string;
    readonly review?: string;
    summary: string | null;
    _row: number;
    _choice: number | null;
    _item: number | null;
    _warnings: string | null;
  }>
>();
expectTypeOf(
  docs.pipeThrough(
    pipeline({ provider, prompt: (row: { text: string }) => row.text, output: text(), empty: "drop" }),
  ),
).toEqualTypeOf<ReadableStream<{ id: number; text: string; output: string }>>();

// What does not fit does not compile.
// @ts-expect-error -- there is no such option
pipeline({ ...base, output: text(), concurency: 1 });
// @ts-expect-error -- the source has no such column
docs.pipeThrough(pipeline({ provider, prompt: template`Summarise ${"txt"}`, output: text() }));
// @ts-expect-error -- the source has no such column
docs.pipeThrough(pipeline({ provider, prompt: ({ txt }) => txt, output: text() }));

// Rows of which nothing is known are a stream of rows, and no table.
declare const anything: AsyncIterable<ReturnType<typeof JSON.parse>>;
expectTypeOf(generateText(anything, { provider, prompt: "About ${text}", column: "summary" }).rows).toExtend<
  ReadableStream<{ summary: string }>
>();
