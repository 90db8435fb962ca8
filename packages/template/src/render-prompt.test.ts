import type { Row } from "@parallel-parrot/core";
import { describe, expect, it } from "vitest";
import { compilePrompt, parseTemplate, renderPrompt, type PromptTemplate } from "./index.ts";

describe("renderPrompt", () => {
  it("makes text a user message", () => {
    const messages = [{ role: "user", content: "About rain" }];
    expect(renderPrompt("About $text", { text: "rain" }, 0)).toEqual({ messages });
    expect(renderPrompt(parseTemplate("About $text"), { text: "rain" }, 0)).toEqual({ messages });
    expect(renderPrompt((row) => `About ${row.text}`, { text: "rain" }, 0)).toEqual({ messages });
  });

  it("puts examples between system and user, all of them templates", () => {
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

  it("takes whole conversations, as data and from a function", () => {
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

  it("leaves out a system message that renders to nothing", () => {
    const prompt = { system: "${style:-}", user: "$text" };
    expect(renderPrompt(prompt, { text: "rain" }, 0).messages).toEqual([{ role: "user", content: "rain" }]);
  });

  it.each<[what: string, prompt: PromptTemplate, problem: string]>([
    ["text", "$text", "the user message is empty"],
    ["function", () => " \n", "the user message is empty"],
    ["example", { user: "Hi", examples: [{ user: "$text", assistant: "x" }] }, "messages[0] (user) is empty"],
    ["conversation", () => [], "there is no message"],
    ["ending", () => [{ role: "assistant", content: "x" }], "the last message is not a user message"],
    [
      "system in the middle",
      () => [
        { role: "user", content: "x" },
        { role: "system", content: "y" },
      ],
      "messages[1] is a system message; only the first one can be",
    ],
  ])("fails for an empty or misordered prompt: %s", (_what, prompt, problem) => {
    expect(() => renderPrompt<Row>(prompt, { text: "" }, 2)).toThrow(
      expect.objectContaining({
        code: "TEMPLATE_FAILED",
        message: `Cannot render the prompt of row 2: ${problem}`,
      }),
    );
  });

  it.each<[result: unknown]>([
    [undefined],
    [1],
    [{ role: "user", content: "x" }],
    [[{ role: "user" }]],
    [["x"]],
    [[null]],
  ])("fails for a function that gives %j", (result) => {
    const prompt = (): string => result as string;
    expect(() => renderPrompt(prompt, {}, 0)).toThrow(expect.objectContaining({ code: "TEMPLATE_FAILED" }));
  });

  it("fails for a content function that gives no text", () => {
    const user = (): string => 1 as unknown as string;
    expect(() => renderPrompt({ user }, {}, 0)).toThrow(
      "Cannot render the prompt of row 0: the function user gave number, not text",
    );
  });
});

describe("compilePrompt", () => {
  it.each<[prompt: unknown, message: string]>([
    [{ user: "$5" }, 'Cannot parse user: stray "$"'],
    [{ user: "x", examples: [{ user: "x", assistant: "${" }] }, "Cannot parse examples[0].assistant: "],
    [{ messages: [{ role: "user", content: "$" }] }, "Cannot parse messages[0].content: "],
    [{ messages: [] }, "there is no message"],
    [{ messages: "x" }, "messages is not an array"],
    [{ messages: [{ role: "tool", content: "x" }] }, 'messages[0] has the role "tool"'],
    [{ messages: [{ role: "system", content: "x" }] }, "the last message is not a user message"],
    [{ user: 1 }, "user is number, not text"],
    [{ text: "x" }, 'got an object with the keys "text"'],
    [null, "got null"],
    [1, "got number"],
  ])("refuses %j", (prompt, message) => {
    const compile = (): unknown => compilePrompt(prompt as PromptTemplate);
    expect(compile).toThrow(expect.objectContaining({ code: "INVALID_TEMPLATE" }));
    expect(compile).toThrow(message);
  });
});
