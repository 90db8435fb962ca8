import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Row } from "@parallel-parrot/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  writeFinetuneFiles,
  type FinetuneForm,
  type FinetuneOptions,
  type FinetuneReport,
} from "../index.ts";

let directory: string;
let output: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "parrot-forms-"));
  output = join(directory, "train.jsonl");
});
afterEach(() => rm(directory, { recursive: true }));

type Written = FinetuneReport & { readonly lines: readonly unknown[] };

async function write(rows: readonly Row[], options: Omit<FinetuneOptions, "output">): Promise<Written> {
  const report = await writeFinetuneFiles(rows, { ...options, output, overwrite: true });
  const text = report.files.length === 0 ? "" : await readFile(output, "utf8");
  const lines = text.split("\n").filter((line) => line !== "");
  return { ...report, lines: lines.map((line): unknown => JSON.parse(line)) };
}

const say = (role: string, content: unknown): Row => ({ role, content });
const CHAT = [
  say("system", "Be short."),
  say("user", "Hi"),
  say("assistant", "Hello"),
  say("user", "Bye"),
  say("assistant", "Ciao"),
];

describe("a column of conversations", () => {
  it.each<[form: FinetuneForm, line: unknown]>([
    ["openai", { messages: CHAT }],
    ["mistral", { messages: CHAT }],
    ["together", { messages: CHAT }],
    ["trl", { messages: CHAT }],
    [
      "gemini",
      {
        systemInstruction: { role: "system", parts: [{ text: "Be short." }] },
        contents: [
          { role: "user", parts: [{ text: "Hi" }] },
          { role: "model", parts: [{ text: "Hello" }] },
          { role: "user", parts: [{ text: "Bye" }] },
          { role: "model", parts: [{ text: "Ciao" }] },
        ],
      },
    ],
  ])("a conversation of several turns has the form of %s", async (form, line) => {
    const { lines } = await write([{ chat: CHAT }, { chat: JSON.stringify(CHAT) }], {
      messages: "chat",
      form,
    });
    expect(lines).toEqual([line, line]);
  });

  it("a conversation of ShareGPT is read, and gets the system message that it lacks", async () => {
    const chat = [
      { from: "human", value: "Hi" },
      { from: "gpt", value: "Hello" },
    ];
    const { lines } = await write([{ chat, tone: "kind" }], { messages: "chat", system: "Be ${tone}." });
    expect(lines).toEqual([
      { messages: [say("system", "Be kind."), say("user", "Hi"), say("assistant", "Hello")] },
    ]);
  });

  it("what else a message has, such as calls of tools, is kept", async () => {
    const calls = [{ id: "1", type: "function", function: { name: "now", arguments: "{}" } }];
    const chat = [
      say("user", "Time?"),
      { role: "assistant", content: null, tool_calls: calls },
      { role: "tool", content: "noon", tool_call_id: "1" },
      { ...say("assistant", "Noon."), weight: 1 },
    ];
    const { lines, files } = await write([{ chat }], { messages: "chat" });
    expect(lines).toEqual([{ messages: chat }]);
    expect(files[0]?.tokens).toBeGreaterThan(30);
  });

  it("a conversation and a completion are one example", async () => {
    const { lines } = await write([{ chat: CHAT.slice(0, 4), answer: "Ciao" }], {
      messages: "chat",
      completion: "answer",
    });
    expect(lines).toEqual([{ messages: CHAT }]);
  });

  it.each<[what: string, form: FinetuneForm, chat: unknown, message: RegExp]>([
    ["is none", "openai", "hello", /its column "chat" is no list of messages/],
    ["has no messages", "openai", [], /its conversation has no messages/],
    ["has a message without a role", "openai", [{ content: "x" }], /no role and content in message 1/],
    ["ends with the user", "openai", [say("user", "a")], /it ends with user/],
    ["has no question", "openai", [say("assistant", "a")], /nothing before its answer/],
    ["has an empty message", "openai", [say("user", " "), say("assistant", "a")], /message 1 is empty/],
    [
      "has an unknown role",
      "openai",
      [say("bot", "x"), say("assistant", "a")],
      /message 1 has the role "bot"/,
    ],
    [
      "has two turns of one role",
      "together",
      [say("user", "a"), say("user", "b"), say("assistant", "c")],
      /message 2 is of user, and the turn is that of assistant/,
    ],
    [
      "begins with the assistant",
      "mistral",
      [say("assistant", "a"), say("user", "b"), say("assistant", "c")],
      /message 1 is of assistant/,
    ],
    [
      "has parts",
      "gemini",
      [say("user", [{ type: "text", text: "a" }]), say("assistant", "c")],
      /message 1 is more than text/,
    ],
  ])("a conversation that %s is left out for %s", async (_what, form, chat, message) => {
    const { skipped, lines } = await write([{ chat }], { messages: "chat", form });
    expect(lines).toEqual([]);
    expect(skipped).toEqual([
      { row: 0, reason: "INVALID_CONVERSATION", message: expect.stringMatching(message) as unknown },
    ]);
  });
});

describe("a column of rejected answers", () => {
  const ROWS = [{ question: "Hi", good: "Hello", bad: "What?" }];
  const columns = { prompt: "question", completion: "good", rejected: "bad" };
  const openai = {
    input: { messages: [say("user", "Hi")] },
    preferred_output: [say("assistant", "Hello")],
    non_preferred_output: [say("assistant", "What?")],
  };

  it.each<[form: FinetuneForm, line: unknown]>([
    ["openai", openai],
    ["together", openai],
    [
      "gemini",
      {
        contents: [{ role: "user", parts: [{ text: "Hi" }] }],
        completions: [
          { score: 1, completion: { role: "model", parts: [{ text: "Hello" }] } },
          { score: 0, completion: { role: "model", parts: [{ text: "What?" }] } },
        ],
      },
    ],
    [
      "trl",
      {
        prompt: [say("user", "Hi")],
        chosen: [say("assistant", "Hello")],
        rejected: [say("assistant", "What?")],
      },
    ],
  ])("a pair of answers has the form of %s", async (form, line) => {
    expect((await write(ROWS, { ...columns, form })).lines).toEqual([line]);
  });

  it("a pair in the form of Gemini has the system message under the name of its preference tuning", async () => {
    const { lines } = await write(ROWS, { ...columns, form: "gemini", system: "Be short." });
    expect(lines).toMatchObject([{ system_instruction: { parts: [{ text: "Be short." }] } }]);
  });

  it("a conversation with its answer and a rejected one are a pair", async () => {
    const { lines } = await write([{ chat: CHAT, bad: "Stay!" }], {
      messages: "chat",
      rejected: "bad",
      form: "trl",
    });
    expect(lines).toEqual([
      { prompt: CHAT.slice(0, 4), chosen: [say("assistant", "Ciao")], rejected: [say("assistant", "Stay!")] },
    ]);
  });

  it("a pair of equal answers is left out, and a form without pairs is refused", async () => {
    const { skippedByReason } = await write([{ question: "Hi", good: "a", bad: "a" }], columns);
    expect(skippedByReason).toEqual({ EQUAL_ANSWERS: 1 });
    await expect(write(ROWS, { ...columns, form: "mistral" })).rejects.toMatchObject({
      code: "INVALID_OPTION",
      option: "rejected",
    });
  });
});

describe("a share to validate with", () => {
  const ROWS = Array.from({ length: 200 }, (_, id) => ({ question: `q ${id % 100}`, answer: `a ${id}` }));
  const columns = { prompt: "question", completion: "answer" };

  it("a share of the examples has a file of its own, the same ones in each run, and equal prompts are never in both", async () => {
    const options = { ...columns, validation: 0.2 };
    const { files, validation } = await write(ROWS, options);
    const path = join(directory, "train.validation.jsonl");
    expect(validation?.path).toBe(path);
    expect((files[0]?.examples ?? 0) + (validation?.examples ?? 0)).toBe(200);
    expect(validation?.examples).toBeGreaterThan(15);
    expect(validation?.examples).toBeLessThan(70);
    const promptsOf = async (name: string): Promise<ReadonlySet<string>> =>
      new Set((await readFile(name, "utf8")).match(/q \d+/g));
    const [training, held] = [await promptsOf(output), await promptsOf(path)];
    expect([...held].filter((prompt) => training.has(prompt))).toEqual([]);
    await write(ROWS.toReversed(), options);
    expect(await promptsOf(path)).toEqual(held);
    // A set without such a file does not leave one beside it.
    expect((await write(ROWS, columns)).removed).toEqual([path]);
    expect(await readdir(directory)).toEqual(["train.jsonl"]);
  });
});

it("a set that is smaller than the vendor takes is told", async () => {
  const rows = Array.from({ length: 10 }, (_, id) => ({ q: `${id}`, a: "x" }));
  expect((await write(rows, { prompt: "q", completion: "a" })).problems).toEqual([]);
  expect((await write(rows.slice(1), { prompt: "q", completion: "a" })).problems).toEqual([
    `openai takes no training file of fewer than 10 examples, and ${output} has 9`,
  ]);
});

it.each([
  ["neither a prompt nor a conversation", {}, "prompt"],
  ["both a prompt and a conversation", { prompt: "q", completion: "a", messages: "m" }, "prompt"],
  ["a prompt alone", { prompt: "q" }, "completion"],
])("writeFinetuneFiles refuses %s", async (_what, options, option) => {
  await expect(write([], options)).rejects.toMatchObject({ code: "INVALID_OPTION", option });
});
