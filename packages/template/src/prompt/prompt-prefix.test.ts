import type { PromptPrefix, Row } from "@parallel-parrot/core";
import { readAll, sourceOf } from "@parallel-parrot/core/testing";
import { describe, expect, it } from "vitest";
import { compilePrompt, promptStream, renderPrompt, type PromptTemplate } from "../index.ts";

const ROW = { text: "rain", style: "short" };
const CHAT = { system: "Be kind.", examples: [{ user: "Sky?", assistant: "Blue" }] };

describe("the prefix of a prompt", () => {
  it.each<[what: string, prompt: PromptTemplate, prefix: PromptPrefix | undefined]>([
    ["the words before the first column", "About: $text. Be $style.", { messages: 0, characters: 7 }],
    ["all messages before the first column", { ...CHAT, user: "Q: $text" }, { messages: 3, characters: 3 }],
    ["no message with a column", { ...CHAT, examples: [], user: "$text" }, { messages: 1, characters: 0 }],
    [
      "no example with a column",
      { ...CHAT, examples: [{ user: "The $text?", assistant: "A" }], user: "$text" },
      { messages: 1, characters: 4 },
    ],
    ["no words after a default", "${text:-rain} falls", undefined],
    ["no words of a function", (row: Row) => `About ${String(row["text"])}`, undefined],
    ["the messages before a function", { ...CHAT, user: () => "Q" }, { messages: 3, characters: 0 }],
    ["everything where there is no column", "Tell me something.", { messages: 1, characters: 0 }],
    [
      "what follows a system message without words",
      { system: " ", user: "Q: $text" },
      { messages: 0, characters: 3 },
    ],
    ["nothing where the system message may be blank", { system: "${mood:-}", user: "Q: $text" }, undefined],
    [
      "the text of a message with images",
      { user: "Look: ", images: ["$text"] },
      { messages: 0, characters: 6 },
    ],
  ])("the prefix of a prompt has %s", (_, prompt, prefix) => {
    const rendered = renderPrompt<Row>(prompt, ROW, 0);
    expect(rendered.prefix).toEqual(prefix);
    const other = renderPrompt<Row>(prompt, { text: "snow", style: "long", mood: "glad" }, 1);
    const shared = ({ messages }: typeof rendered): readonly unknown[] => [
      ...messages.slice(0, prefix?.messages ?? 0),
      messages[prefix?.messages ?? 0]?.content.slice(0, prefix?.characters ?? 0),
    ];
    expect(shared(other)).toEqual(shared(rendered));
  });

  it("all prompts of a template have the same object as prefix, also when they are shortened or mended", async () => {
    const compiled = compilePrompt<Row>("About: $text");
    const [first, second] = ["rain", "half \uD800"].map((text) => compiled.render({ text }, 0).prompt);
    expect(first?.prefix).toBeDefined();
    expect(second?.prefix).toBe(first?.prefix);
    const [item] = await readAll(
      sourceOf([ROW]).pipeThrough(promptStream("About: $text", { canShorten: true })),
    );
    if (item === undefined || !("prompt" in item)) throw new Error("the row has failed");
    const shorter = item.shortener?.shorten(item, 9);
    expect(shorter).toMatchObject({
      prompt: { messages: [{ role: "user", content: "About: ra" }], prefix: { messages: 0, characters: 7 } },
    });
  });

  it("the prefix of a prompt is still there when its images have been read", async () => {
    const prompt = { user: "Look: $style", images: ["$text"] };
    const source = sourceOf<Row>([{ text: "https://example.com/a.png", style: "x" }]);
    const [item] = await readAll(source.pipeThrough(promptStream<Row>(prompt)));
    expect(item).toMatchObject({ prompt: { prefix: { messages: 0, characters: 6 } } });
  });
});
