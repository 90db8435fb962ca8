import type { Choice, ChoiceReading, Row } from "@parallel-parrot/core";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { listOf, objectOf, text } from "../index.ts";

const stop = (text: string, more: Partial<Choice> = {}): Choice => ({ text, finishReason: "stop", ...more });
const ok = (...outputs: Row[]): ChoiceReading<Row> => ({ ok: true, outputs, warnings: [] });

/** The same answer as a text, as an object and as a list. */
const FORMS = [
  {
    form: "text",
    output: text("label"),
    keeping: text("label", { thoughts: "why" }),
    write: (label: string) => label,
  },
  {
    form: "an object",
    output: objectOf(["label"]),
    keeping: objectOf(["label"], { thoughts: "why" }),
    write: (label: string) => JSON.stringify({ label }),
  },
  {
    form: "a list",
    output: listOf(z.object({ label: z.string() })),
    keeping: listOf(z.object({ label: z.string() }), { thoughts: "why" }),
    write: (label: string) => JSON.stringify({ items: [{ label }] }),
  },
];

describe.each(FORMS)("$form", ({ output, keeping, write }) => {
  const yes = write("yes");

  it("the answer is the text that stands behind the thoughts", () => {
    for (const thoughts of [
      `<think>${write("draft")}</think>\n`,
      "hm</think>\n\n",
      `<think>a</think><think>b</think>`,
      `<|channel|>analysis<|message|>${write("draft")}<|end|><|start|>assistant<|channel|>final<|message|>`,
    ])
      expect(output.read(stop(thoughts + yes))).toEqual(ok({ label: "yes" }));
  });

  it("thoughts come in a column of their own where asked for, which is null where there are none", () => {
    expect(keeping.columns).toEqual(["label", "why"]);
    expect(keeping.read(stop(`<think>hm</think>${yes}`))).toEqual(ok({ label: "yes", why: "hm" }));
    expect(keeping.read(stop(yes, { thoughts: "hm" }))).toEqual(ok({ label: "yes", why: "hm" }));
    expect(keeping.read(stop(`<think>b</think>${yes}`, { thoughts: "a" }))).toEqual(
      ok({ label: "yes", why: "a\n\nb" }),
    );
    expect(keeping.read(stop(yes))).toEqual(ok({ label: "yes", why: null }));
    expect(output.read(stop(yes, { thoughts: "hm" }))).toEqual(ok({ label: "yes" }));
  });

  it("an answer of nothing but thoughts is empty, and the failure says what to switch off", () => {
    for (const choice of [
      stop(`<think>${write("draft")}`),
      stop(`<think>${write("draft")}</think>\n`),
      stop("", { thoughts: "x".repeat(1240) }),
      stop(" ", { thoughts: "x" }),
    ])
      expect(output.read(choice)).toMatchObject({
        ok: false,
        code: "EMPTY_ANSWER",
        message: expect.stringMatching(
          /the model wrote (?:[\d,]+ characters|1 character) of thoughts and nothing else; .*--max-tokens.*--reasoning-effort none/,
        ) as string,
      });
    expect(output.read(stop("", { thoughts: "x".repeat(1240) }))).toMatchObject({
      message: expect.stringContaining("1,240 characters") as string,
    });
  });

  it("an answer was cut off where the token limit ended the thoughts", () => {
    for (const choice of [stop(`<think>${write("draft")}`), stop("", { thoughts: "hm" })])
      expect(output.read({ ...choice, finishReason: "length" })).toMatchObject({
        ok: false,
        code: "OUTPUT_TRUNCATED",
        message: expect.stringContaining("while the model was thinking") as string,
      });
  });

  it("marks of thoughts that are a part of the answer stay in it", () => {
    const answer = 'a <think> tag, or "</think>"';
    expect(output.read(stop(write(answer)))).toEqual(ok({ label: answer }));
    expect(output.read(stop(`<think>hm</think>${write(answer)}`))).toEqual(ok({ label: answer }));
  });
});

describe("the column for the thoughts", () => {
  it.each<[string, () => unknown]>([
    ["has no name", () => text("a", { thoughts: " " })],
    ["is that of the text", () => text("a", { thoughts: "a" })],
    ["is that of the text without a name", () => text(undefined, { thoughts: "output" })],
    ["is a key of the object", () => objectOf(["a", "b"], { thoughts: "b" })],
    ["is a key of the list's objects", () => listOf(z.object({ a: z.string() }), { thoughts: "a" })],
  ])("the column for the thoughts is refused where it %s", (_, make) => {
    expect(make).toThrow(expect.objectContaining({ code: "INVALID_OPTION", option: "thoughts" }) as Error);
  });

  it("the column for the thoughts replaces no key of an answer that may have any", () => {
    const output = objectOf({ type: "object" }, { thoughts: "why" });
    expect(output.read(stop('{"why":"because"}'))).toMatchObject({
      code: "INVALID_OUTPUT",
      message: expect.stringContaining('"why", which is the column for the thoughts') as string,
    });
  });

  it("the column for the thoughts may have any name", () => {
    const reading = text("a", { thoughts: "__proto__" }).read(stop("<think>hm</think>yes"));
    expect(JSON.stringify(reading)).toContain('[{"a":"yes","__proto__":"hm"}]');
  });
});

describe("the call of a tool", () => {
  const call = (args: object): Choice => stop(JSON.stringify(args), { toolCall: "pets" });

  it("the arguments of a tool call are the answer where data is wanted", () => {
    expect(objectOf(["label"]).read(call({ label: "yes" }))).toEqual(ok({ label: "yes" }));
    expect(listOf(["label"]).read(call({ items: [{ label: "yes" }] }))).toEqual(ok({ label: "yes" }));
  });

  it("the arguments of a tool call are no answer where a text is wanted", () => {
    expect(text().read(call({ query: "pets" }))).toMatchObject({
      code: "INVALID_OUTPUT",
      message: expect.stringContaining('called the tool "pets"') as string,
    });
  });
});
