// @module-tag slow

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { isFailed, type Completed, type Failed, type Output, type Prompted } from "@parallel-parrot/core";
import { sourceOf } from "@parallel-parrot/core/testing";
import { memoryJournal, openJournal, type Journal } from "@parallel-parrot/journal";
import { openai, type Provider } from "@parallel-parrot/providers";
import { startSimulator, type FaultScript, type Simulator } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { completionStream, type CompletionOptions, type CompletionStage } from "./index.ts";

let folder: string;
let simulator: Simulator;
let faults: FaultScript;
const path = (): string => join(folder, "run.db");

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "parrot-journaled-"));
  faults = () => undefined;
  simulator = await startSimulator({ faults: (request) => faults(request) });
});
afterEach(async () => {
  await simulator.close();
  await rm(folder, { recursive: true });
});

const prompted = (index: number, text = `Summarise document ${index}.`): Prompted => ({
  index,
  row: { id: index },
  prompt: {
    messages: [
      { role: "system", content: "CANARY-in-the-prompt" },
      { role: "user", content: text },
    ],
  },
});
const prompts = (count: number): Prompted[] => Array.from({ length: count }, (_, index) => prompted(index));

function provider(changes: Partial<Provider> = {}): Provider {
  const { baseUrl, apiKey } = simulator;
  return { ...openai({ model: "sim", baseUrl, apiKey }), ...changes };
}

interface Outcome {
  readonly items: (Completed | Failed)[];
  readonly error: unknown;
  readonly stage: CompletionStage<Record<string, unknown>>;
  /** Requests that the server got meanwhile. */
  readonly asked: number;
}

async function run(
  inputs: readonly Prompted[],
  options: CompletionOptions = {},
  whom: Provider = provider(),
): Promise<Outcome> {
  const before = simulator.ledger.received;
  const stage = completionStream(whom, { journal: path(), ...options });
  const items: (Completed | Failed)[] = [];
  let error: unknown;
  try {
    for await (const item of sourceOf(inputs).pipeThrough(stage)) items.push(item);
  } catch (cause) {
    error = cause;
  }
  return { items, error, stage, asked: simulator.ledger.received - before };
}

const texts = ({ items }: Outcome): unknown[] =>
  items.map((item) => (isFailed(item) ? item.failure.code : item.completion.choices.map(({ text }) => text)));

/** An output whose texts must be these. */
const mustBe = (isRight: (text: string) => boolean): Output => ({
  shape: { type: "text" },
  columns: ["text"],
  read: ({ text }) =>
    isRight(text)
      ? { ok: true, outputs: [{ text }], warnings: [] }
      : { ok: false, code: "INVALID_OUTPUT", message: "not the right text" },
});

describe("a journaled run", () => {
  it("a journaled run that is done again asks nothing, and gives the same", async () => {
    const first = await run(prompts(50));
    const second = await run(prompts(50));
    expect([first.asked, second.asked, first.error, second.error]).toEqual([50, 0, undefined, undefined]);
    expect(texts(second)).toEqual(texts(first));
    expect(second.stage.progress()).toMatchObject({ completed: 50, reused: 50, usage: { requests: 0 } });
    expect(second.items[0]).toMatchObject({ completion: { attempts: 1, usage: { requests: 1 } } });
  });

  it("a journaled run asks only for rows that are new or changed since the journal was written", async () => {
    await run(prompts(10));
    const changed = [...prompts(10), prompted(10)].with(3, prompted(3, "Something else."));
    expect((await run(changed)).asked).toBe(2);
    expect((await run(prompts(10), { temperature: 0.5 })).asked).toBe(10);
    expect((await run(prompts(10), {}, provider({ model: "other" }))).asked).toBe(10);
  });

  it("a journaled run finds answers in the journal with another key, and keeps no key in it", async () => {
    await run(prompts(3));
    const { asked } = await run(
      prompts(3),
      {},
      provider({ authorize: () => ({ authorization: "Bearer another-key" }) }),
    );
    expect(asked).toBe(0);
    const bytes = await readFile(path(), "latin1");
    expect(bytes).not.toContain(simulator.apiKey);
    expect(bytes).not.toContain("CANARY-in-the-prompt");
  });

  it("a journaled run tells how many answers were damaged on the disk, and asks for them again", async () => {
    await run(prompts(5));
    const database = new DatabaseSync(path());
    database.exec("UPDATE answer SET attempts = 9 WHERE row IN (1, 3)");
    database.close();
    const warn = vi.spyOn(process, "emitWarning").mockReturnValue();
    try {
      const { asked, error } = await run(prompts(5));
      expect([asked, error]).toEqual([2, undefined]);
      expect(warn.mock.calls).toEqual([
        [
          `2 answers in the journal ${path()} are damaged and were not used; check the disk that it is on`,
          "ParrotWarning",
        ],
      ]);
      warn.mockClear();
      expect((await run(prompts(5))).asked).toBe(0);
      expect(warn).not.toHaveBeenCalled();
    } finally {
      warn.mockRestore();
    }
  });

  it("a journaled run keeps no key that a server echoes", async () => {
    const echo = provider({
      authorize: () => ({ authorization: `Bearer ${simulator.apiKey}`, "x-echo": "CANARY-in-an-answer" }),
    });
    await run([prompted(0, "Repeat: CANARY-in-an-answer")], {}, echo);
    const journal = await openJournal(path());
    const [record] = journal.records();
    await journal.close();
    expect(record?.body).toContain("[key]");
    expect(await readFile(path(), "latin1")).not.toContain("CANARY");
  });

  it("re-asks a model that repeats itself in the same words, with a journal as without", async () => {
    faults = () => ({ kind: "badContent", form: "notJson" });
    const output = mustBe(() => false);
    const first = await run(prompts(1), { output });
    const second = await run(prompts(1), { output });
    expect([first.asked, second.asked]).toEqual([3, 0]);
    for (const { items } of [first, second]) expect(items).toMatchObject([{ completion: { attempts: 3 } }]);
  });

  it("a journaled run finds every choice again in the journal, native or fanned out", async () => {
    for (const nativeN of [true, false]) {
      const { capabilities } = provider();
      const whom = provider({ capabilities: { ...capabilities, nativeN }, name: `n ${String(nativeN)}` });
      const first = await run(prompts(4), { n: 3 }, whom);
      const second = await run(prompts(4), { n: 3 }, whom);
      expect([first.asked, second.asked]).toEqual([nativeN ? 4 : 12, 0]);
      expect(texts(second)).toEqual(texts(first));
    }
  });

  it("a journaled run remembers what the model refused", async () => {
    faults = () => ({ kind: "unsupportedParameter", name: "temperature" });
    const first = await run(prompts(3), { temperature: 0.5 });
    expect([first.asked, first.stage.progress().amendments]).toEqual([4, ["omit:temperature"]]);
    const second = await run(prompts(3), { temperature: 0.5 });
    expect([second.asked, second.stage.progress().amendments]).toEqual([0, ["omit:temperature"]]);
  });

  it("a journaled run follows the re-asks that are in the journal, and asks none where only the validation changed", async () => {
    const picky = mustBe(() => false);
    const first = await run(prompts(2), { output: picky });
    expect(first.asked).toBe(6);
    expect((await run(prompts(2), { output: mustBe(() => false) })).asked).toBe(0);
    const content = await run(prompts(5), { output: mustBe(() => true) });
    expect(content.asked).toBe(3);
    // Rows 2 to 4 were done with after one answer, which the new validation refuses.
    expect((await run(prompts(5), { output: mustBe(() => false) })).asked).toBe(0);
  });

  it("a journaled run goes on with re-asks that were cut short when the run stopped", async () => {
    const output = mustBe(() => false);
    const stage = completionStream(provider(), { journal: path(), output, onStop: "close" });
    faults = ({ sequence }) => {
      if (sequence === 2) queueMicrotask(() => stage.stop(new Error("enough")));
      return undefined;
    };
    for await (const item of sourceOf(prompts(1)).pipeThrough(stage)) expect(item).toBeUndefined();
    faults = () => undefined;
    const before = simulator.ledger.received;
    expect([before, (await run(prompts(1), { output })).asked]).toEqual([2, 1]);
  });

  it("a journaled run does not ask again for a choice that an earlier run could not get", async () => {
    const { capabilities } = provider();
    const whom = provider({ capabilities: { ...capabilities, nativeN: false } });
    faults = ({ sequence }) => (sequence === 5 ? { kind: "hangUp" } : undefined);
    const first = await run(prompts(3), { n: 2, maxAttempts: 1 }, whom);
    const second = await run(prompts(3), { n: 2, maxAttempts: 1 }, whom);
    expect([first.asked, second.asked]).toEqual([6, 0]);
    expect(texts(second)).toEqual(texts(first));
    const again = await run(prompts(3), { n: 2, reuse: "none" }, whom);
    expect(again.asked).toBe(6);
  });

  it("a journaled run keeps final refusals in the journal, and asks again with reuse answers", async () => {
    faults = ({ body }) => (asks(body, 1) ? { kind: "contentFilter", at: "prompt" } : undefined);
    const first = await run(prompts(3));
    expect(texts(first)[1]).toBe("CONTENT_FILTERED");
    const second = await run(prompts(3));
    expect([second.asked, texts(second)[1]]).toEqual([0, "CONTENT_FILTERED"]);
    faults = () => undefined;
    const third = await run(prompts(3), { reuse: "answers" });
    expect(third.asked).toBe(1);
    expect(third.items.every((item) => !isFailed(item))).toBe(true);
    const fourth = await run(prompts(3));
    expect([fourth.asked, texts(fourth)]).toEqual([0, texts(third)]);
  });

  it("a journaled run asks again for unusable answers with reuse answers", async () => {
    const first = await run(prompts(2), { output: mustBe(() => false) });
    const again = await run(prompts(2), { output: mustBe(() => false), reuse: "answers" });
    const good = await run(prompts(2), { output: mustBe(() => true), reuse: "answers" });
    expect([first.asked, again.asked, good.asked]).toEqual([6, 6, 0]);
  });

  it("a journaled run asks again for rows that failed for a passing reason in the run before", async () => {
    faults = ({ body }) => (asks(body, 1) ? { kind: "hangUp" } : undefined);
    expect(texts(await run(prompts(3), { maxAttempts: 2 }))[1]).toBe("NETWORK");
    faults = () => undefined;
    const { items, asked } = await run(prompts(3));
    expect([asked, items.some(isFailed)]).toEqual([1, false]);
  });

  it("a journaled run is resumed past rows that the server always fails at", async () => {
    faults = ({ body }) => (asks(body, 0) ? { kind: "status", status: 500 } : undefined);
    await run(prompts(5).slice(1));
    const { items, asked, error } = await run(prompts(6), { maxAttempts: 2 });
    expect([error, asked, items.map(isFailed).indexOf(true), items.length]).toEqual([undefined, 3, 0, 6]);
  });

  it("a journaled run waits for a server that is away where answers in the journal say that it was there", async () => {
    await run(prompts(5));
    faults = () => ({ kind: "status", status: 500 });
    const { items, error } = await run(prompts(100), { maxAttempts: 2, maxOutageMs: 100 });
    expect(error).toMatchObject({ code: "OUTAGE" });
    expect(items.filter(isFailed).length).toBeLessThan(20);
  });

  it("a journaled run asks refused rows again, however many are refused once more", async () => {
    faults = ({ body }) =>
      [1, 2, 3, 4].some((id) => asks(body, id)) ? { kind: "status", status: 400 } : undefined;
    expect((await run(prompts(6))).error).toBeUndefined();
    const { items, asked, error } = await run(prompts(6), { reuse: "answers" });
    expect([error, asked, items.filter(isFailed).length]).toEqual([undefined, 4, 4]);
  });

  it("a journaled run asks for everything anew with reuse none, and goes on with that run", async () => {
    await run(prompts(4));
    const journal = await openJournal(path());
    const fresh = await journal.begin({ identity: "fresh" });
    expect((await run(prompts(2), { journal: fresh, reuse: "none" })).asked).toBe(2);
    const more = await journal.begin({ identity: "fresh" });
    expect((await run(prompts(4), { journal: more, reuse: "none" })).asked).toBe(2);
    await journal.close();
  });

  it("a journaled run asks nothing with reuse only, not even whether the key is right", async () => {
    await run(prompts(2));
    const whom = provider({ authorize: () => ({ authorization: "Bearer wrong-key" }) });
    const { items, asked, error } = await run(prompts(4), { reuse: "only" }, whom);
    expect([asked, error]).toEqual([0, undefined]);
    expect(items.map((item) => (isFailed(item) ? item.failure.code : "ok"))).toEqual([
      "ok",
      "ok",
      "NOT_ASKED",
      "NOT_ASKED",
    ]);
  });

  it("a journaled run reads stored answers for another shape than they were asked with", async () => {
    await run(prompts(2));
    const json: Output = { ...mustBe(() => true), shape: { type: "json", name: "o", instructions: "JSON" } };
    expect((await run(prompts(2), { output: json, reuse: "only" })).items.every(isFailed)).toBe(true);
    const text = mustBe(() => true);
    const { items } = await run(prompts(2), { output: json, requestOutput: text, reuse: "only" });
    expect(items.some(isFailed)).toBe(false);
  });

  it("a journaled run reads answers that took re-asks for another shape, in the words of that time", async () => {
    await simulator.close();
    simulator = await startSimulator({
      answer: ({ messages }) => (JSON.stringify(messages).includes("not the right text") ? "good" : "bad"),
    });
    const good = mustBe((text) => text === "good");
    expect((await run(prompts(2), { output: good })).asked).toBe(4);
    const otherwise = (isRight: (text: string) => boolean): Output => ({
      ...good,
      read: ({ text }) =>
        isRight(text)
          ? { ok: true, outputs: [{ text }], warnings: [] }
          : { ok: false, code: "INVALID_OUTPUT", message: "in other words" },
    });
    const reread = { requestOutput: good, reuse: "only" } as const;
    const same = await run(prompts(2), { ...reread, output: otherwise((text) => text === "good") });
    expect([same.asked, texts(same)]).toEqual([0, [["good"], ["good"]]]);
    expect(texts(await run(prompts(2), { ...reread, output: otherwise(() => true) }))).toEqual([
      ["bad"],
      ["bad"],
    ]);
    expect(texts(await run(prompts(2), { ...reread, output: otherwise(() => false) }))).toEqual([
      ["good"],
      ["good"],
    ]);
  });

  it("a journaled run sends the first row alone that is not in the journal", async () => {
    await run(prompts(20));
    await simulator.close();
    simulator = await startSimulator({ latency: { kind: "fixed", ms: 20 } });
    const key = provider({ baseUrl: "kept" });
    const moved = prompts(40);
    const { asked } = await run(moved, {}, key);
    const [first, ...rest] = simulator.ledger.entries;
    expect(asked).toBeGreaterThanOrEqual(20);
    expect(rest.every(({ timeMs }) => timeMs >= (first?.endedMs ?? Infinity))).toBe(true);
  });

  it("a journaled run stops at a bad key at the first row that is not in the journal", async () => {
    await run(prompts(20));
    const whom = provider({ authorize: () => ({ authorization: "Bearer wrong-key" }) });
    const { error, items, asked } = await run(prompts(40), {}, whom);
    expect(error).toMatchObject({ code: "AUTHENTICATION" });
    expect([items.length, asked]).toEqual([20, 2]);
  });

  it("a journaled run counts against the budget what a resumed run has paid before", async () => {
    const journal = memoryJournal();
    const begin = (): ReturnType<Journal["begin"]> => journal.begin({ identity: "budgeted" });
    const options = { budget: { maxRequests: 5 }, onStop: "close" as const };
    const first = await run(prompts(20), { ...options, journal: await begin() });
    expect([first.asked, first.items.length]).toEqual([5, 5]);
    expect(first.stage.stopped).toMatchObject({ code: "BUDGET_EXHAUSTED" });
    const second = await run(prompts(20), { ...options, budget: { maxRequests: 8 }, journal: await begin() });
    expect([second.asked, second.items.length]).toEqual([3, 8]);
    expect(second.stage.progress()).toMatchObject({
      usage: { requests: 3 },
      paidBefore: { usage: { requests: 5 } },
      budget: { spent: { requests: 8 } },
    });
  });

  it("a journaled run emits no answer before it is durable", async () => {
    const journal = memoryJournal();
    const begun = await journal.begin();
    const { promise: written, resolve: write } = Promise.withResolvers<void>();
    const stage = completionStream(provider(), {
      journal: { ...begun, append: (record) => written.then(() => begun.append(record)) },
    });
    const reader = sourceOf(prompts(1)).pipeThrough(stage).getReader();
    const reading = reader.read();
    await expect.poll(() => simulator.ledger.answered().length).toBe(1);
    const early = await Promise.race([
      reading,
      new Promise((resolve) => setTimeout(resolve, 30, "nothing yet")),
    ]);
    expect(early).toBe("nothing yet");
    write();
    expect((await reading).value).toMatchObject({ index: 0 });
    await reader.cancel();
  });

  it("a journaled run stops when answers cannot be kept, and emits none of them", async () => {
    const begun = await memoryJournal().begin();
    let appended = 0;
    const { error, items, asked } = await run(prompts(100), {
      concurrency: 4,
      journal: {
        ...begun,
        append: (record) =>
          (appended += 1) > 10
            ? Promise.reject(
                Object.assign(new Error("disk full"), { name: "ParrotError", code: "JOURNAL_FAILED" }),
              )
            : begun.append(record),
      },
    });
    expect(error).toMatchObject({ code: "JOURNAL_FAILED" });
    expect(items).toHaveLength(10);
    expect(asked).toBeLessThanOrEqual(10 + 2 * 4);
  });

  it("a journaled run says why the journal cannot be used before anything is asked", async () => {
    const journal = await openJournal(path());
    const { error, asked } = await run(prompts(3));
    expect([error, asked]).toEqual([expect.objectContaining({ code: "JOURNAL_IN_USE" }), 0]);
    await journal.close();
  });

  it("a journaled run notes in the journal how runs end, and closes it before the stream ends", async () => {
    await run(prompts(2));
    faults = () => ({ kind: "noCredit" });
    await run(prompts(3));
    const journal = await openJournal(path());
    expect(journal.runs()).toMatchObject([
      { state: "finished", settled: 2, manifest: { provider: "openai", model: "sim" } },
      { state: "stopped", settled: 2 },
    ]);
    await journal.close();
  });
});

const asks = (body: unknown, document: number): boolean =>
  JSON.stringify(body).includes(`document ${document}.`);
