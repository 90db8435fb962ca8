import type { Row } from "@parallel-parrot/core";
import { describe, expect, it } from "vitest";
import {
  compilePrompt,
  parseTemplate,
  promptItem,
  renderPrompt,
  template,
  type PromptTemplate,
} from "../index.ts";

describe("renderPrompt", () => {
  it("renderPrompt makes text a user message", () => {
    const messages = [{ role: "user", content: "About rain" }];
    expect(renderPrompt("About $text", { text: "rain" }, 0).messages).toEqual(messages);
    expect(renderPrompt(parseTemplate("About $text"), { text: "rain" }, 0).messages).toEqual(messages);
    expect(renderPrompt((row) => `About ${row.text}`, { text: "rain" }, 0)).toEqual({ messages });
  });

  it("renderPrompt puts examples between system and user, all of them templates", () => {
    const prompt = {
      system: "Answer in $language",
      examples: [
        { user: "Sky?", assistant: "Blue" },
        { user: "$hint?", assistant: (_row: Row, index: number) => `Row ${index}` },
      ],
      user: parseTemplate("$question?"),
    };
    const row = { language: "English", hint: "Grass", question: "Sea" };
    expect(renderPrompt(prompt, row, 4).messages).toEqual([
      { role: "system", content: "Answer in English" },
      { role: "user", content: "Sky?" },
      { role: "assistant", content: "Blue" },
      { role: "user", content: "Grass?" },
      { role: "assistant", content: "Row 4" },
      { role: "user", content: "Sea?" },
    ]);
  });

  it("renderPrompt takes whole conversations, as data and from a function", () => {
    const messages = [
      { role: "system", content: "Be $mood" },
      { role: "user", content: "Hi" },
      { role: "assistant", content: "Hello" },
      { role: "user", content: "$text" },
    ] as const;
    const rendered = ["Be kind", "Hi", "Hello", "rain"];
    const contents = (prompt: PromptTemplate): string[] =>
      renderPrompt<Row>(prompt, { mood: "kind", text: "rain" }, 0).messages.map(({ content }) => content);
    expect(contents({ messages })).toEqual(rendered);
    expect(contents(() => messages)).toEqual(messages.map(({ content }) => content));
  });

  it("renderPrompt leaves out a system message that renders to nothing", () => {
    const prompt = { system: "${style:-}", user: "$text" };
    expect(renderPrompt(prompt, { text: "rain" }, 0).messages).toEqual([{ role: "user", content: "rain" }]);
  });

  it.each<[what: string, prompt: PromptTemplate, problem: string]>([
    ["text", "$text", "the user message is empty"],
    ["function", () => " \n", "the user message is empty"],
    ["example", { user: "Hi", examples: [{ user: "$text", assistant: "x" }] }, "messages[0] (user) is empty"],
    ["conversation", () => [], "there are no messages"],
    ["ending", () => [{ role: "assistant", content: "x" }], "the last message is not a user message"],
    [
      "system in the middle",
      () => [
        { role: "user", content: "x" },
        { role: "system", content: "y" },
      ],
      "messages[1] is a system message; only the first message can be one",
    ],
  ])(
    "renderPrompt fails for a prompt with empty messages or with roles in a wrong order: %s",
    (_what, prompt, problem) => {
      expect(() => renderPrompt<Row>(prompt, { text: "" }, 2)).toThrow(
        expect.objectContaining({
          code: "TEMPLATE_FAILED",
          message: `Cannot render the prompt of row 3: ${problem}`,
        }),
      );
    },
  );

  it.each<[result: unknown]>([
    [undefined],
    [1],
    [{ role: "user", content: "x" }],
    [[{ role: "user" }]],
    [["x"]],
    [[null]],
  ])("renderPrompt fails for a function that gives %j", (result) => {
    const prompt = (): string => result as string;
    expect(() => renderPrompt(prompt, {}, 0)).toThrow(expect.objectContaining({ code: "TEMPLATE_FAILED" }));
  });

  it("renderPrompt fails for a content function that gives no text", () => {
    const user = (): string => 1 as unknown as string;
    expect(() => renderPrompt({ user }, {}, 0)).toThrow(
      "Cannot render the prompt of row 1: the function user returned 1; expected a text",
    );
  });

  it.each<[give: () => unknown, words: string]>([
    [() => undefined, "returned undefined; expected a text or a list of { role, content }"],
    [() => 5, "returned 5; expected a text or a list"],
    [() => [{ role: "user" }], "returned a list; expected a text or a list"],
    [() => Promise.resolve("x"), "returned a promise, which is not awaited"],
    [() => Promise.reject(new Error("late")), "returned a promise, which is not awaited"],
  ])("renderPrompt says what a function gave in place of a prompt: %s", (give, words) => {
    expect(() => renderPrompt(give as () => string, {}, 0)).toThrow(words);
  });

  it("renderPrompt says that a content function gave a promise", () => {
    const user = (): string => Promise.reject(new Error("late")) as unknown as string;
    expect(() => renderPrompt({ user }, {}, 0)).toThrow(
      "the function user returned a promise, which is not awaited",
    );
  });

  it.each<[name: string, prompt: (row: Row) => string, words: string]>([
    [
      "an error about a bigint, with the way out",
      (row) => JSON.stringify(row),
      "Do not know how to serialize a BigInt; the row has a bigint, as every long integer of a JSON input is: use stringifyJson(row) of @parallel-parrot/core",
    ],
    [
      "what cannot be shown",
      () => {
        throw Object.create(null);
      },
      "the template function threw: a value that cannot be shown as text",
    ],
  ])("renderPrompt says what a function threw: %s", (_name, prompt, words) => {
    const row = { id: 1_234_567_890_123_456_789n };
    const render = (): unknown => renderPrompt(prompt, row, 0);
    expect(render).toThrow(expect.objectContaining({ code: "TEMPLATE_FAILED" }));
    expect(render).toThrow(words);
  });
});

describe("half a character in a prompt", () => {
  const HALF = "x\uD83D";
  const row = { text: HALF, more: `${HALF}y`, fine: "\u{1F600}" };

  it.each<[what: string, prompt: PromptTemplate, halves: number]>([
    ["a text", "About $text $fine", 1],
    ["a tagged template", template`${"text"}, ${"more"}`, 2],
    ["the template itself", `About ${HALF} $fine`, 1],
    ["a function", () => `About \uDE00\uD83D`, 2],
    ["a conversation from a function", () => [{ role: "user", content: HALF }], 1],
    ["a system message", { system: "$text", user: "$fine" }, 1],
    ["an example", { user: "$fine", examples: [{ user: "$text", assistant: "$more" }] }, 2],
    ["a conversation", { messages: [{ role: "user", content: ({ more }) => String(more) }] }, 1],
    ["an image's address", { user: "$fine", images: ["https://example.org/${text}"] }, 1],
  ])("half a character in a prompt becomes U+FFFD with a warning in %s", (_what, prompt, halves) => {
    const item = promptItem(compilePrompt<Row>(prompt), row, 3);
    expect(item).toMatchObject({
      warnings: [
        {
          code: "PROMPT_MENDED",
          message: expect.stringMatching(
            `^The prompt had ${halves} hal.* replaced by U\\+FFFD; the row's columns with such halves: "text", "more"$`,
          ),
        },
      ],
    });
    const sent = JSON.stringify("prompt" in item ? item.prompt : undefined);
    expect(sent).not.toMatch(/\\ud[89a-f]/);
    expect(sent.split("\uFFFD")).toHaveLength(halves + 1);
    expect(item.row).toBe(row);
    expect(renderPrompt<Row>(prompt, row, 3)).toEqual("prompt" in item ? item.prompt : undefined);
  });

  it("a prompt of whole characters gets no warning of half characters", () => {
    const item = promptItem(compilePrompt<Row>("$text"), { text: "\u{1F600}\uFFFD" }, 0);
    expect(item).toEqual({
      index: 0,
      row: { text: "\u{1F600}\uFFFD" },
      prompt: { messages: [{ role: "user", content: "\u{1F600}\uFFFD" }] },
    });
  });
});

describe("compilePrompt", () => {
  it.each<[prompt: unknown, message: string]>([
    [{ user: "$5" }, 'Cannot parse user: stray "$"'],
    [{ user: "x", examples: [{ user: "x", assistant: "${" }] }, "Cannot parse examples[0].assistant: "],
    [{ messages: [{ role: "user", content: "$" }] }, "Cannot parse messages[0].content: "],
    [{ messages: [] }, "there are no messages"],
    [{ messages: "x" }, "messages is not a list"],
    [{ messages: [{ role: "tool", content: "x" }] }, 'messages[0] has the role "tool"'],
    [{ messages: [{ role: "system", content: "x" }] }, "the last message is not a user message"],
    [{ user: 1 }, "user is number, not text"],
    [{ text: "x" }, 'got an object with the keys "text"'],
    [null, "got null"],
    [1, "got number"],
  ])("compilePrompt refuses the prompt %j", (prompt, message) => {
    const compile = (): unknown => compilePrompt(prompt as PromptTemplate);
    expect(compile).toThrow(expect.objectContaining({ code: "INVALID_TEMPLATE" }));
    expect(compile).toThrow(message);
  });
});
