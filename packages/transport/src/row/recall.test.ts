// @module-tag slow

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
import { openJournal, type JournalRun } from "@parallel-parrot/journal";
import { openai, PromptError, type Provider } from "@parallel-parrot/providers";
import { startSimulator, type FaultScript, type Simulator } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { completionStream, type CompletionOptions, type CompletionStage } from "../index.ts";

let simulator: Simulator;
let faults: FaultScript;
let folder: string;
const path = (): string => join(folder, "run.db");

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "parrot-recalled-"));
  faults = () => undefined;
  simulator = await startSimulator({ faults: (request) => faults(request) });
});
afterEach(async () => {
  await simulator.close();
  await rm(folder, { recursive: true });
});

const prompted = (index: number, content = `Summarise document ${index}.`): Prompted => ({
  index,
  row: { id: index },
  prompt: { messages: [{ role: "user", content }] },
});
const prompts = (count: number): Prompted[] => Array.from({ length: count }, (_, index) => prompted(index));

function provider(changes: Partial<Provider> = {}): Provider {
  const { baseUrl, apiKey } = simulator;
  return { ...openai({ model: "sim", baseUrl, apiKey }), ...changes };
}

/** More than begin before the journal is open: those are not found at once. */
const ROWS = 200;
/** A row behind them. */
const ODD = 170;

type Item = Completed | Failed;

async function run(
  inputs: readonly Prompted[],
  options: CompletionOptions = {},
  whom: Provider = provider(),
): Promise<{ items: Item[]; asked: number; stage: CompletionStage<Record<string, unknown>> }> {
  const before = simulator.ledger.received;
  const stage = completionStream(whom, { journal: path(), ...options });
  const items: Item[] = [];
  for await (const item of arraySource(inputs).pipeThrough(stage)) items.push(item);
  return { items, asked: simulator.ledger.received - before, stage };
}

/** Uses a run of the journal whose look-ups are watched. */
async function watching<T>(
  find: (find: JournalRun["find"]) => JournalRun["find"],
  use: (run: JournalRun) => Promise<T>,
): Promise<T> {
  const journal = await openJournal(path());
  try {
    const begun = await journal.begin();
    return await use({ ...begun, find: find((key) => begun.find(key)) });
  } finally {
    await journal.close();
  }
}

/** An output that refuses some texts. */
const refusing = (isWrong: (text: string) => boolean): Output => ({
  shape: { type: "text" },
  columns: ["text"],
  read: ({ text }) =>
    isWrong(text)
      ? { ok: false, code: "INVALID_OUTPUT", message: "not the right text" }
      : { ok: true, outputs: [{ text }], warnings: [] },
});

const textOf = (item: Item | undefined): string =>
  item === undefined || isFailed(item) ? "" : (item.completion.choices[0]?.text ?? "");

describe("rows that are in the journal", () => {
  it("rows found in the journal do not run ahead of the reader, though nothing has to be awaited", async () => {
    await run(prompts(3000));
    let finds = 0;
    const counting = (find: JournalRun["find"]) => (key: string) => ((finds += 1), find(key));
    await watching(counting, async (journal) => {
      const reader = arraySource(prompts(3000))
        .pipeThrough(completionStream(provider(), { journal }))
        .getReader();
      expect((await reader.read()).value?.index).toBe(0);
      for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
      // What the reader was handed, what waits behind it, and the turn in which that was enough.
      expect(finds).toBeLessThanOrEqual(128 + 1024 + 128);
      let rows = 1;
      while (!(await reader.read()).done) rows += 1;
      expect([rows, finds]).toEqual([3000, 3000]);
    });
  });

  it("rows found in the journal leave the event loop its turn, though neither the source nor the journal has to be awaited", async () => {
    await run(prompts(2000));
    let [rows, most, isOver] = [0, 0, false];
    const stage = completionStream(provider(), { journal: path() });
    const watch = (seen: number): void => {
      most = Math.max(most, rows - seen);
      const now = rows;
      if (!isOver) setImmediate(() => watch(now));
    };
    watch(0);
    await arraySource(prompts(2000))
      .pipeThrough(stage)
      .pipeTo(new WritableStream({ write: () => void (rows += 1) }));
    isOver = true;
    expect(rows).toBe(2000);
    expect(most).toBeLessThanOrEqual(256);
  });

  it("a row is asked with a new context where its answer in the journal cannot be used", async () => {
    const first = await run(prompts(ROWS));
    const wrong = textOf(first.items[ODD]);
    const second = await run(prompts(ROWS), { output: refusing((text) => text === wrong), maxReasks: 1 });
    // Its earlier run was done with it, so that nothing is asked, and its one request is paid for once.
    expect([second.asked, second.stage.progress().reused]).toEqual([0, ROWS]);
    expect(second.items[ODD]).toMatchObject({ completion: { attempts: 1, usage: { requests: 1 } } });
    const third = await run(prompts(ROWS), {
      output: refusing((text) => text === wrong),
      maxReasks: 1,
      reuse: "answers",
    });
    expect(third.asked).toBe(1);
    expect(third.stage.progress()).toMatchObject({ completed: ROWS, reused: ROWS - 1 });
    expect(third.items.map(({ index }) => index)).toEqual(prompts(ROWS).map(({ index }) => index));
  });

  it("a row that the journal lacks is asked, and the rows after it are found again", async () => {
    await run(prompts(ROWS));
    const changed = prompts(ROWS).with(ODD, prompted(ODD, "Something else."));
    const { items, asked, stage } = await run(changed);
    expect([asked, stage.progress().reused]).toEqual([1, ROWS - 1]);
    expect(items.map(({ index }) => index)).toEqual(changed.map(({ index }) => index));
    expect(items.every((item) => !isFailed(item) && item.completion.usage.requests === 1)).toBe(true);
  });

  it("rows are found in the journal with all their choices, and missing choices are asked for", async () => {
    const { capabilities } = provider();
    const whom = provider({ capabilities: { ...capabilities, nativeN: false } });
    const three = await run(prompts(ROWS), { n: 3 }, whom);
    expect(three.asked).toBe(3 * ROWS);
    const again = await run(prompts(ROWS), { n: 3 }, whom);
    expect([again.asked, again.items]).toEqual([0, three.items]);
    const four = await run(prompts(ROWS), { n: 4, reuse: "answers" }, whom);
    expect(four.asked).toBe(ROWS);
    expect(four.items.map((item) => isFailed(item) || item.completion.choices.length)).toEqual(
      Array.from({ length: ROWS }, () => 4),
    );
  });

  it("rows found in the journal fail as they did, or for what is wrong with them now", async () => {
    faults = ({ body }) =>
      JSON.stringify(body).includes(`document ${ODD}.`) ? { kind: "contentFilter", at: "prompt" } : undefined;
    const first = await run(prompts(ROWS));
    const second = await run(prompts(ROWS));
    expect([second.asked, second.items]).toEqual([0, first.items]);
    const usual = provider();
    const picky = provider({
      buildRequest(call, amendments) {
        if (call.prompt.messages[0]?.content.includes(`document ${ODD}.`) === true)
          throw new PromptError("no such prompt");
        return usual.buildRequest(call, amendments);
      },
    });
    const third = await run(prompts(ROWS), {}, picky);
    expect([third.asked, third.items.filter(isFailed)]).toMatchObject([
      0,
      [{ index: ODD, failure: { code: "BAD_REQUEST", message: "no such prompt" } }],
    ]);
  });

  it("a run stops when its journal cannot be read any more", async () => {
    await run(prompts(ROWS));
    let finds = 0;
    const failing = (find: JournalRun["find"]) => (key: string) => {
      finds += 1;
      if (finds > ODD) throw new Error("the disk is gone");
      return find(key);
    };
    await watching(failing, async (journal) => {
      await expect(run(prompts(ROWS), { journal })).rejects.toThrow("the disk is gone");
    });
  });
});
