import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  arraySource,
  isFailed,
  type Completed,
  type Failed,
  type Output,
  type Prompted,
} from "@parallel-parrot/core";
import { openai } from "@parallel-parrot/providers";
import { startSimulator } from "@parallel-parrot/simulator";
import { describe, expect, it } from "vitest";
import { completionStream, type CompletionOptions } from "../index.ts";

/** Words with commas between them, whole where a full stop ends them: `a,b.` */
const words = (isWhole = (text: string): boolean => text.endsWith(".")): Output<{ word: string }> => ({
  shape: { type: "text" },
  columns: ["word"],
  read({ text }) {
    const outputs = text === "?" ? [] : text.split(",").map((word) => ({ word }));
    if (isWhole(text)) return { ok: true, outputs, warnings: [] };
    const bad = { ok: false, code: "INVALID_OUTPUT", message: "expected a full stop" } as const;
    return outputs.length === 0 ? bad : { ...bad, partial: { outputs, warnings: [] } };
  },
});

const row = (index: number): Prompted => ({
  index,
  row: {},
  prompt: { messages: [{ role: "user", content: `Words of document ${index}?` }] },
});

/** What one row comes to when it is answered with these texts, one after the other. */
async function ask(
  answers: readonly string[],
  options: CompletionOptions = {},
  refusedFrom = Number.POSITIVE_INFINITY,
): Promise<{ text: string; asked: number; item: Completed | Failed | undefined }> {
  let given = 0;
  await using simulator = await startSimulator({
    answer: (_request, choice) => answers[choice + (options.n ?? 1) * given++],
    faults: ({ sequence }) => (sequence >= refusedFrom ? { kind: "status", status: 400 } : undefined),
  });
  const { baseUrl, apiKey } = simulator;
  const stage = completionStream(openai({ model: "sim", baseUrl, apiKey }), { output: words(), ...options });
  const items: (Completed | Failed)[] = [];
  for await (const item of arraySource([row(0)]).pipeThrough(stage)) items.push(item);
  const [item] = items;
  const choices = item === undefined || isFailed(item) ? [] : item.completion.choices;
  return { text: choices.map(({ text }) => text).join(" "), asked: simulator.ledger.received, item };
}

describe("a row whose answers can be read in part only", () => {
  it.each<[what: string, answers: string[], used: string]>([
    ["the first, of which most can be used", ["a,b,c", "?", "a"], "a,b,c"],
    ["the second", ["a", "a,b,c", "a,b"], "a,b,c"],
    ["the last of two with as much", ["a,b", "?", "c,d"], "c,d"],
    ["the last where nothing can be used", ["?", "?", "?"], "?"],
    ["a whole one, however short", ["a,b,c", "a."], "a."],
  ])("a row whose answers can be read in part only gets %s", async (_, answers, used) => {
    expect(await ask(answers)).toMatchObject({ text: used, asked: answers.length });
  });

  it("a row keeps the part of its answer that can be read when the re-ask is refused", async () => {
    expect(await ask(["a,b", "?"], {}, 3)).toMatchObject({ text: "a,b", asked: 3 });
  });

  it("a row whose answer can be read in part is not asked again with maxReasks 0", async () => {
    expect(await ask(["a,b"], { maxReasks: 0 })).toMatchObject({ text: "a,b", asked: 1 });
  });

  it("a resumed run finds the same part of an answer and asks no row again", async () => {
    const folder = await mkdtemp(join(tmpdir(), "parrot-part-"));
    try {
      const journal = join(folder, "run.db");
      let given = 0;
      await using simulator = await startSimulator({ answer: () => ["a,b,c", "?", "a"][given++ % 3] });
      const { baseUrl, apiKey } = simulator;
      const run = async (options: CompletionOptions): Promise<(Completed | Failed)[]> => {
        const provider = openai({ model: "sim", baseUrl, apiKey });
        const stage = completionStream(provider, { journal, concurrency: 1, output: words(), ...options });
        return Array.fromAsync(arraySource([row(0), row(1)]).pipeThrough(stage));
      };
      const first = await run({});
      expect(first).toMatchObject([
        { completion: { choices: [{ text: "a,b,c" }], attempts: 3 } },
        { completion: { choices: [{ text: "a,b,c" }], attempts: 3 } },
      ]);
      for (const reuse of ["all", "answers", "only"] as const) expect(await run({ reuse })).toEqual(first);
      // Read in another way, a later answer that is whole counts for more than a part of an earlier one.
      const otherwise = words((text) => text === "a");
      const reread = await run({ reuse: "only", requestOutput: words(), output: otherwise });
      expect(reread).toMatchObject([
        { completion: { choices: [{ text: "a" }] } },
        { completion: { choices: [{ text: "a" }] } },
      ]);
      expect(simulator.ledger.received).toBe(6);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
