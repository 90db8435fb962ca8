import { isFailed, type Completed, type Failed, type Output, type Prompted } from "@parallel-parrot/core";
import { sourceOf } from "@parallel-parrot/core/testing";
import { memoryJournal, type Journal } from "@parallel-parrot/journal";
import { openai, type Provider } from "@parallel-parrot/providers";
import { startSimulator, type FaultScript, type Simulator } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { completionStream, pool, type CompletionOptions } from "../index.ts";

let simulator: Simulator;
let faults: FaultScript;
let journal: Journal;

beforeEach(async () => {
  faults = () => undefined;
  simulator = await startSimulator({ faults: (request) => faults(request) });
  journal = memoryJournal();
});
afterEach(() => simulator.close());

const ROWS = 6;
const PROMPTS: readonly Prompted[] = Array.from({ length: ROWS }, (_, index) => ({
  index,
  row: { id: index },
  prompt: { messages: [{ role: "user", content: `Summarise document ${index}.` }] },
}));

function provider(model = "small", changes: Partial<Provider> = {}): Provider {
  const { baseUrl, apiKey } = simulator;
  return { ...openai({ model, baseUrl, apiKey }), ...changes };
}

const wordsOf = (body: unknown): string => JSON.stringify(body) ?? "";
const asks = (body: unknown, id: number): boolean => wordsOf(body).includes(`document ${id}.`);

interface Outcome {
  /** The models that answered, or the codes of rows that failed. */
  readonly by: readonly string[];
  readonly texts: readonly string[];
  readonly asked: number;
  readonly reused: number;
  readonly error: unknown;
}

async function run(options: CompletionOptions, whom = provider(), inputs = PROMPTS): Promise<Outcome> {
  const before = simulator.ledger.received;
  const stage = completionStream(whom, { journal, ...options });
  const items: (Completed | Failed)[] = [];
  let error: unknown;
  try {
    for await (const item of sourceOf(inputs).pipeThrough(stage)) items.push(item);
  } catch (cause) {
    error = cause;
  }
  return {
    by: items.map((item) => (isFailed(item) ? item.failure.code : item.completion.model)),
    texts: items.map((item) => (isFailed(item) ? "" : (item.completion.choices[0]?.text ?? ""))),
    asked: simulator.ledger.received - before,
    reused: stage.progress().reused,
    error,
  };
}

/** Rows 1 and 4 are refused by the small model, row 4 by the middle one too. */
function refuse(): void {
  faults = ({ body }) => {
    const words = wordsOf(body);
    const isRefused =
      (words.includes('"small"') && (asks(body, 1) || asks(body, 4))) ||
      (words.includes('"middle"') && asks(body, 4));
    return isRefused ? { kind: "contentFilter", at: "prompt" } : undefined;
  };
}

describe("rows that were asked in other ways before", () => {
  it("rows asked in another way before keep their answers, and those that failed are asked in the new way only", async () => {
    refuse();
    const first = await run({ temperature: 0.5 });
    expect(first.by).toEqual(["small", "CONTENT_FILTERED", "small", "small", "CONTENT_FILTERED", "small"]);
    const small = { provider: provider(), temperature: 0.5 };
    const second = await run({ reuse: "answers", earlier: [small] }, provider("middle"));
    expect(second.by).toEqual(["small", "middle", "small", "small", "CONTENT_FILTERED", "small"]);
    expect([second.asked, second.reused]).toEqual([2, 4]);
    const middle = { provider: provider("middle") };
    const third = await run({ reuse: "answers", earlier: [small, middle] }, provider("large"));
    expect(third.by).toEqual(["small", "middle", "small", "small", "large", "small"]);
    expect([third.asked, third.reused]).toEqual([1, 5]);
    expect(third.texts.with(1, "").with(4, "")).toEqual(first.texts);

    // The first command again finds what the later ones were paid for.
    const earlier = [small, middle, { provider: provider("large") }];
    for (const reuse of ["all", "only", "answers"] as const) {
      const again = await run({ temperature: 0.5, reuse, earlier });
      expect({ ...again, reuse }).toEqual({ ...third, asked: 0, reused: 6, reuse });
    }
    const alone = await run({ temperature: 0.5, reuse: "all" });
    expect([alone.by, alone.asked]).toEqual([first.by, 0]);
    expect((await run({ reuse: "none", earlier }, provider("large"))).asked).toBe(6);
  });

  it("answers to an earlier way of asking are looked up without the parameters of the new way", async () => {
    await run({});
    const earlier = [{ provider: provider() }];
    const { asked } = await run({ reuse: "answers", earlier, temperature: 1, maxTokens: 9, seed: 3 });
    expect(asked).toBe(0);
  });

  it("a resumed run asks a row once in the new way", async () => {
    refuse();
    await run({});
    const earlier = [{ provider: provider() }];
    const retry = async (): Promise<Outcome> => {
      const begun = await journal.begin({ identity: "retry" });
      return run({ journal: begun, reuse: "answers", earlier }, provider("middle"));
    };
    expect((await retry()).asked).toBe(2);
    const again = await retry();
    expect([again.asked, again.by]).toEqual([
      0,
      ["small", "middle", "small", "small", "CONTENT_FILTERED", "small"],
    ]);
  });

  it("rows that failed in an earlier way are asked again for the reasons that asksAgain accepts, each once", async () => {
    refuse();
    await run({});
    const earlier = [{ provider: provider() }];
    const codes: string[] = [];
    const asksAgain = (code: string): boolean => {
      codes.push(code);
      return false;
    };
    const { by, asked } = await run({ reuse: "answers", earlier, asksAgain }, provider("large"));
    expect([by[1], by[4], asked]).toEqual(["CONTENT_FILTERED", "CONTENT_FILTERED", 0]);
    expect(codes).toEqual(["CONTENT_FILTERED", "CONTENT_FILTERED"]);
    // Nothing was found of a row that is new: it is asked.
    const more: readonly Prompted[] = [
      ...PROMPTS,
      { index: ROWS, row: {}, prompt: { messages: [{ role: "user", content: "New." }] } },
    ];
    expect((await run({ reuse: "answers", earlier, asksAgain }, provider("large"), more)).asked).toBe(1);
  });

  it("a row of an earlier way counts only with all its choices and with a finished re-ask", async () => {
    const unusable: Output = {
      shape: { type: "text" },
      columns: [],
      read: ({ text }) =>
        text.includes("mended")
          ? { ok: true, outputs: [{}], warnings: [] }
          : { ok: false, code: "INVALID_OUTPUT", message: "It is not mended" },
    };
    const one = PROMPTS.slice(0, 1);
    const single = provider("small", {
      capabilities: { ...provider().capabilities, nativeN: false },
    });
    await run({ n: 1 }, single, one);
    const choices = await run({ n: 3, reuse: "answers", earlier: [] }, single, one);
    expect([choices.asked, choices.by]).toEqual([2, ["small"]]);
    const stricter = await run({ output: unusable, reuse: "answers", asksAgain: () => true }, single, one);
    // The first answer is there already; its two re-asks are not.
    expect(stricter.asked).toBe(2);
  });

  it("answers to an earlier way of asking say nothing of a server that was not asked before", async () => {
    await run({});
    await using other = await startSimulator({ faults: () => ({ kind: "html" }) });
    const { baseUrl, apiKey } = other;
    const more: readonly Prompted[] = [
      ...PROMPTS,
      { index: ROWS, row: {}, prompt: { messages: [{ role: "user", content: "New." }] } },
    ];
    const elsewhere = openai({ model: "small", baseUrl, apiKey });
    const options = { reuse: "answers", earlier: [{ provider: provider() }], maxAttempts: 1 } as const;
    expect((await run(options, elsewhere, more)).error).toMatchObject({ code: "NOT_THE_API" });
  });

  it("an earlier way may be a pool, and its answers are found without what the model refused", async () => {
    faults = ({ body }) =>
      wordsOf(body).includes("temperature")
        ? { kind: "unsupportedParameter", name: "temperature" }
        : undefined;
    const members = (): Provider => pool([provider("a"), provider("b")]);
    const first = await run({ temperature: 2 }, members());
    expect(first.by.every((model) => model === "a" || model === "b")).toBe(true);
    const earlier = [{ provider: members(), temperature: 2 }];
    const second = await run({ reuse: "answers", earlier }, provider("large"));
    expect([second.asked, second.by]).toEqual([0, first.by]);
  });
});
