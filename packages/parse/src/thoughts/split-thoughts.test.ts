import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { splitThoughts } from "./split-thoughts.ts";

const MARKS: readonly (readonly [model: string, open: string, close: string])[] = [
  ["DeepSeek, Qwen, QwQ", "<think>", "</think>"],
  ["in capitals", "<THINK>", "</Think>"],
  ["with spaces", "<think >", "</think\n>"],
  ["thinking", "<thinking>", "</thinking>"],
  ["EXAONE", "<thought>", "</thought>"],
  ["thoughts", "<thoughts>", "</thoughts>"],
  ["reasoning", "<reasoning>", "</reasoning>"],
  ["Seed-OSS", "<seed:think>", "</seed:think>"],
  ["Magistral", "[THINK]", "[/THINK]"],
  ["Kimi", "◁think▷", "◁/think▷"],
  ["Command A", "<|START_THINKING|>", "<|END_THINKING|>"],
  ["OpenThinker", "<|begin_of_thought|>", "<|end_of_thought|>"],
  ["Apertus", "<|inner_prefix|>", "<|inner_suffix|>"],
  ["Gemma", "<|channel>thought\n", "<channel|>"],
  ["Granite 3.2", "Here is my thought process:", "Here is my response:"],
];

describe.each(MARKS)("splitThoughts, marks of %s", (_, open, close) => {
  it.each([
    ["one block", `${open}hm${close}positive`, "positive", "hm"],
    ["spaces", ` \n${open}\nhm\n${close}\n\npositive\n`, "positive", "hm"],
    ["several blocks", `${open}a${close}\n${open}b${close}positive`, "positive", "a\n\nb"],
    ["an empty block", `${open}\n\n${close}\n\npositive`, "positive", ""],
    ["no closing mark", `${open}hm, {"label":"draft"}`, "", 'hm, {"label":"draft"}'],
    ["JSON", `${open}{"label":"draft"}${close}{"label":"final"}`, '{"label":"final"}', '{"label":"draft"}'],
    ["thoughts about a quoted mark", `${open}a "${close}" ends it${close}yes`, "yes", `a "${close}" ends it`],
    [
      "thoughts about an opening mark",
      `${open}after ${open} comes text${close}yes`,
      "yes",
      `after ${open} comes text`,
    ],
    ["blocks inside each other", `${open}a${open}b${close}c${close}yes`, "yes", `a${open}b${close}c`],
    ["an inch mark", `${open}5" wide${close}{"a":"b"}`, '{"a":"b"}', '5" wide'],
    ["a mark in the answer", `${open}a${close}yes, ${open}b${close} too`, `yes, ${open}b${close} too`, "a"],
  ])("splitThoughts separates the answer from the thoughts with %s", (_case, text, answer, thoughts) => {
    const split = splitThoughts(text);
    expect({ ...split, answer: split.answer.trim() }).toEqual({ answer, thoughts });
  });

  const words = "Here is my response:";
  it.skipIf(close === words).each([
    ["a closing mark alone", `hm, so\n${close}\n\npositive`, "positive", "hm, so"],
    ["a closing mark at the very start", `${close}positive`, "positive", ""],
    ["the last of several closing marks", `hm${close}but${close}positive`, "positive", `hm${close}but`],
    ["the template's block and another", `a${close}\n${open}b${close}yes`, "yes", "a\n\nb"],
  ])(
    "splitThoughts knows that the prompt template opened the block by %s",
    (_case, text, answer, thoughts) => {
      const split = splitThoughts(text);
      expect({ ...split, answer: split.answer.trim() }).toEqual({ answer, thoughts });
    },
  );

  it.each([
    `The mark ${open} begins a block.`,
    `Models write ${open} and ${close} around their thoughts.`,
    `Thoughts end with \`${close}\`, and so on.`,
    `Thoughts end with "${close}".`,
    JSON.stringify({ html: `${open}no thought${close}` }),
    JSON.stringify({ html: `no "thought"${close}` }),
    JSON.stringify([{ a: "x", b: `a${close}b` }], undefined, 2),
    `\`\`\`json\n${JSON.stringify({ html: `${open}a${close}` })}\n\`\`\``,
  ])("splitThoughts leaves a text about marks of thoughts alone: %s", (text) => {
    expect(splitThoughts(text)).toEqual({ answer: text, thoughts: "" });
  });
});

describe("splitThoughts", () => {
  const final = "<|channel|>final<|message|>";
  const next = "<|end|><|start|>assistant";
  it.each([
    [
      "<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>positive",
      "positive",
      "hm",
    ],
    [`<|channel|>analysis<|message|>hm${next}${final}positive<|return|>`, "positive", "hm"],
    [`<|start|>assistant<|channel|>analysis<|message|>hm${next}${final}yes`, "yes", "hm"],
    [`analysis<|message|>hm${next}${final}yes`, "yes", "hm"],
    [`hm, so${next}${final}yes`, "yes", "hm, so"],
    [
      `<|channel|>analysis<|message|>a${next}<|channel|>commentary<|message|>b${next}${final}yes`,
      "yes",
      "a\n\nb",
    ],
    [`${final}yes`, "yes", ""],
    [`<|channel|>final <|constrain|>json<|message|>{"a":1}`, '{"a":1}', ""],
    ["<|channel|>analysis<|message|>hm, but", "", "hm, but"],
    ["analysisThe user asks.assistantfinalpositive", "positive", "The user asks."],
  ])("splitThoughts knows the channels of gpt-oss: %s", (text, answer, thoughts) => {
    expect(splitThoughts(text)).toEqual({ answer, thoughts });
  });

  it.each([
    "gpt-oss writes <|channel|>final<|message|> before its answer.",
    '{"a":"<|end|><|start|>assistant<|channel|>final<|message|>b"}',
    "analysis of the data",
    "analysis: the assistant final",
    "a < b and c </ d",
    "Here is my answer: yes",
    "I <b>thought</b> so.\nHere is my response:\nyes",
    "",
  ])("splitThoughts leaves %j alone", (text) => {
    expect(splitThoughts(text)).toEqual({ answer: text, thoughts: "" });
  });

  it.each([
    ["<think>a</think><answer>yes</answer>", "yes"],
    ["<think>a</think>\n<Response>\nyes\n</Response>\n", "yes"],
    ["<think>a</think><answer>ye", "ye"],
    ["<|START_THINKING|>a<|END_THINKING|><|START_RESPONSE|>yes<|END_RESPONSE|>", "yes"],
    ["<think>a</think><answer>b</answer> c", "<answer>b</answer> c"],
    ["<answer>yes</answer>", "<answer>yes</answer>"],
  ])("splitThoughts takes the answer's own block off only behind thoughts: %s", (text, answer) => {
    expect(splitThoughts(text).answer).toBe(answer);
  });

  it("splitThoughts gives every JSON document back as it is", () => {
    const marked = fc
      .array(fc.constantFrom("<think>", "</think>", "[/THINK]", "a", '"', "\\", "`", "\n", "<|channel|>"))
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(fc.dictionary(marked, fc.array(marked)), fc.constantFrom(0, 2), (value, spaces) => {
        const text = JSON.stringify(value, undefined, spaces);
        expect(splitThoughts(text).answer).toBe(text);
      }),
    );
  });

  it("splitThoughts takes linear time on marks without end", () => {
    for (const text of [
      "<think>",
      "</think>",
      "<think></think>",
      '"<think>',
      "<think ",
      "<|channel|>a<|message|>",
    ])
      expect(splitThoughts(text.repeat(100_000)).answer.length).toBeLessThanOrEqual(text.length * 100_000);
  });
});
