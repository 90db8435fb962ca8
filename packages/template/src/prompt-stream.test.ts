import { NO_USAGE, setCell, type Failed, type Prompt, type Prompted, type Row } from "@parallel-parrot/core";
import { readAll, sourceOf, testStage } from "@parallel-parrot/core/testing";
import { describe, expect, expectTypeOf, it } from "vitest";
import { parseTemplate, promptStream, sentiment, template } from "./index.ts";

type Doc = { id: number; text: string };

const docs = (): ReadableStream<Doc> => sourceOf<Doc>([{ id: 7, text: "rain" }]);
/** What a template of ours and a row make. */
const about = (text: string): Prompt => ({
  messages: [{ role: "user", content: `About ${text}` }],
  prefix: { messages: 0, characters: "About ".length },
});
const asked = (content: string): object => ({ messages: [{ role: "user", content }] });

describe("promptStream", () => {
  testStage<Row, Prompted | Failed>(it, {
    stage: () => promptStream("About $text"),
    inputs: [{ text: "rain" }, { txt: "sun" }, { text: "snow" }],
    outputs: [
      { index: 0, row: { text: "rain" }, prompt: about("rain") },
      {
        index: 1,
        row: { txt: "sun" },
        failure: {
          stage: "template",
          code: "MISSING_VALUE",
          message: 'Cannot render the template of row 2: the row has no column "text"; its columns are "txt"',
          attempts: 0,
          usage: { requests: 0, inputTokens: 0, outputTokens: 0, cachedInputTokens: 0, reasoningTokens: 0 },
        },
      },
      { index: 2, row: { text: "snow" }, prompt: about("snow") },
    ],
  });

  describe("with functions that throw", () => {
    const row = (text: string): Row => ({ text });
    const { attempts, usage } = { attempts: 0, usage: NO_USAGE };
    const failed = (index: number, message: string) => ({
      index,
      row: row("x"),
      failure: { stage: "template", code: "TEMPLATE_FAILED", message, attempts, usage },
    });
    testStage<Row, unknown>(it, {
      stage: () =>
        promptStream<Row>(() => {
          throw new Error("no luck");
        }),
      inputs: [row("x"), row("x"), row("x")],
      outputs: [1, 2, 3].map((number) =>
        failed(number - 1, `Cannot render the prompt of row ${number}: the template function threw: no luck`),
      ),
      callbacks: {
        "the prompt": (fail) => promptStream<Row>(fail),
        "a text of the prompt": (fail) => promptStream<Row>({ system: fail, user: "x" }),
        "an image of the prompt": (fail) => promptStream<Row>({ user: "x", images: [fail] }),
      },
    });
  });

  it("promptStream gives rows the numbers of the input that rowIndex tells, in messages too", async () => {
    const rows = sourceOf<Row>([{ text: "rain" }, { txt: "sun" }]);
    const items = await readAll(
      rows.pipeThrough(promptStream("About $text", { rowIndex: (position) => 10 + 5 * position })),
    );
    expect(items).toMatchObject([
      { index: 10, row: { text: "rain" } },
      { index: 15, failure: { message: expect.stringContaining("the template of row 16") } },
    ]);
  });

  it("promptStream passes on what rowIndex throws", async () => {
    const error = new Error("rowIndex failed");
    const rowIndex = (): never => {
      throw error;
    };
    await expect(readAll(docs().pipeThrough(promptStream("About $text", { rowIndex })))).rejects.toBe(error);
  });

  it("promptStream fails the run when the first row lacks a column", async () => {
    const run = readAll(sourceOf<Row>([{ txt: "rain" }]).pipeThrough(promptStream("About $text")));
    await expect(run).rejects.toMatchObject({ code: "MISSING_COLUMN", column: "text" });
  });

  it("promptStream fails the first row alone where checkFirstRow is off", async () => {
    const stage = promptStream<Row>("About $text", { checkFirstRow: false });
    const items = await readAll(sourceOf<Row>([{ txt: "rain" }, { text: "sun" }]).pipeThrough(stage));
    expect(items).toMatchObject([{ failure: { code: "MISSING_VALUE" } }, { prompt: asked("About sun") }]);
  });

  it("promptStream fails at once for a bad template", () => {
    expect(() => promptStream("$5")).toThrow(expect.objectContaining({ code: "INVALID_TEMPLATE" }));
  });

  it("promptStream fails the row for which a template function throws", async () => {
    const stage = promptStream<Doc>((row, index) => {
      if (index === 0) throw new Error("no luck");
      return row.text;
    });
    const items = await readAll(
      sourceOf([
        { id: 1, text: "a" },
        { id: 2, text: "b" },
      ]).pipeThrough(stage),
    );
    expect(items).toMatchObject([
      {
        failure: {
          code: "TEMPLATE_FAILED",
          message: "Cannot render the prompt of row 1: the template function threw: no luck",
        },
      },
      { prompt: asked("b") },
    ]);
  });

  it.each(["__proto__", "constructor"])("promptStream keeps and fills a column named %s", async (name) => {
    const row: Row = {};
    setCell(row, name, "cell");
    const items = await readAll(sourceOf([row]).pipeThrough(promptStream(`$${name}`)));
    expect(items).toMatchObject([{ prompt: asked("cell") }]);
    expect(items[0]?.row).toBe(row);
  });

  it("promptStream takes the row type from the source, whatever the form of the prompt", () => {
    type Items = ReadableStream<Prompted<Doc> | Failed<Doc>>;
    expectTypeOf(docs().pipeThrough(promptStream("About ${text}"))).toEqualTypeOf<Items>();
    expectTypeOf(docs().pipeThrough(promptStream(parseTemplate("About ${text}")))).toEqualTypeOf<Items>();
    expectTypeOf(docs().pipeThrough(promptStream(template`About ${"text"}`))).toEqualTypeOf<Items>();
    expectTypeOf(docs().pipeThrough(promptStream(sentiment({ column: "text" })))).toEqualTypeOf<Items>();
    expectTypeOf(docs().pipeThrough(promptStream((row) => row.text.trim()))).toEqualTypeOf<Items>();
    expectTypeOf(
      docs().pipeThrough(promptStream({ system: "Be kind", user: (row) => row.text.trim() })),
    ).toEqualTypeOf<Items>();
    expectTypeOf(
      docs().pipeThrough(promptStream({ messages: [{ role: "user", content: (row) => row.text.trim() }] })),
    ).toEqualTypeOf<Items>();
    expectTypeOf(sourceOf<Row>([]).pipeThrough(promptStream(template`About ${"text"}`))).toEqualTypeOf<
      ReadableStream<Prompted | Failed>
    >();
  });

  it("the types of promptStream refuse a template whose columns the source's rows do not have", () => {
    type Columns = Parameters<typeof promptStream<Doc>>[0];
    expectTypeOf(template`About ${"text"}, ${"id"}`).toExtend<Columns>();
    expectTypeOf(template`About ${"text"} and ${"txt"}`).not.toExtend<Columns>();
    expectTypeOf(parseTemplate("About ${txt}")).not.toExtend<Columns>();
    expectTypeOf(sentiment({ column: "txt" })).not.toExtend<Columns>();
    // @ts-expect-error No column "txt"
    expectTypeOf(docs().pipeThrough(promptStream(template`About ${"txt"}`))).toBeObject();
    // @ts-expect-error No column "txt"
    expectTypeOf(docs().pipeThrough(promptStream((row) => row.txt))).toBeObject();
  });
});
