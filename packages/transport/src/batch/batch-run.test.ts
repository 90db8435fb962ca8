// @module-tag slow

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  isFailed,
  ParrotError,
  type Completed,
  type Failed,
  type Output,
  type Prompted,
} from "@parallel-parrot/core";
import { sourceOf } from "@parallel-parrot/core/testing";
import { memoryJournal, openJournal } from "@parallel-parrot/journal";
import { anthropic, openai, type BatchDialect, type Provider } from "@parallel-parrot/providers";
import {
  startSimulator,
  type SimRequest,
  type Simulator,
  type SimulatorOptions,
} from "@parallel-parrot/simulator";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { fast, providerAt, run, timesAsked } from "../../fixtures/batched.ts";
import { prompts } from "../../fixtures/prompts.ts";
import { completionStream, learnedQueueLimit, pool, type CompletionOptions } from "../index.ts";

let folder: string;
const path = (): string => join(folder, "run.db");

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "parrot-batch-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function start(options: SimulatorOptions = {}): Promise<Simulator> {
  const simulator = await startSimulator(options);
  onTestFinished(() => simulator.close());
  return simulator;
}

/** An output that takes one text alone. */
function mustBe(right: string): Output {
  return {
    shape: { type: "text" },
    columns: ["text"],
    read: ({ text }) =>
      text === right
        ? { ok: true, outputs: [{ text }], warnings: [] }
        : { ok: false, code: "INVALID_OUTPUT", message: "not the right text" },
  };
}

/** What a direct run gives for the same rows. */
async function direct(
  inputs: readonly Prompted[],
  options: CompletionOptions = {},
): Promise<(Completed | Failed)[]> {
  const { items } = await run(inputs, providerAt(await start()), options);
  return items;
}

describe("a run with the option batch", () => {
  it("gives what a direct run gives, and asks only the first row directly", async () => {
    const simulator = await start();
    const { items, stage } = await run(prompts(30), providerAt(simulator), {
      journal: path(),
      batch: { tail: 0 },
    });
    expect(items).toEqual(await direct(prompts(30)));
    expect(simulator.batches.runs).toHaveLength(29);
    expect(simulator.batches.files).toEqual([]);
    expect(stage.progress().batch).toMatchObject({
      jobs: [],
      closed: 1,
      submitted: 29,
      answered: 29,
      lost: 0,
    });
  });

  it("makes no job for a file of 100 rows", async () => {
    const simulator = await start();
    const { items } = await run(prompts(100), providerAt(simulator), { journal: path(), batch: true });
    expect(items).toEqual(await direct(prompts(100)));
    expect(simulator.batches.jobs).toEqual([]);
  });

  it("makes jobs of the size that is wanted, and the last two of the same size", async () => {
    const simulator = await start();
    const { items } = await run(prompts(36), providerAt(simulator), {
      journal: path(),
      batch: { tail: 0, maxRequests: 10 },
    });
    expect(items).toEqual(await direct(prompts(36)));
    expect(simulator.batches.jobs.map(({ counts }) => counts.total)).toEqual([10, 10, 8, 7]);
  });

  it.each(["missingLines", "repeatedLines", "statusZero"] as const)(
    "asks again for what %s leaves over",
    async (kind) => {
      const simulator = await start({ batch: { faults: [{ kind, rate: 0.3 }] } });
      const { items } = await run(prompts(60), providerAt(simulator), {
        journal: path(),
        batch: { tail: 0 },
      });
      expect(items).toEqual(await direct(prompts(60)));
    },
  );

  it.each([429, 500, 503])("asks again for what came back with HTTP %i", async (status) => {
    const simulator = await start({ batch: { faults: [{ kind: "lineError", rate: 0.3, status }] } });
    const { items } = await run(prompts(60), providerAt(simulator), { journal: path(), batch: { tail: 0 } });
    expect(items).toEqual(await direct(prompts(60)));
    expect(new Set(timesAsked(simulator))).toEqual(new Set([1]));
  });

  it.each([
    ["counts that lie", { kind: "countsLie" }],
    ["a state that nobody knows", { kind: "unknownState" }],
  ] as const)("does not mind %s", async (_, fault) => {
    const simulator = await start({ batch: { runMs: 100, faults: [fault] } });
    const { items } = await run(prompts(20), providerAt(simulator), { journal: path(), batch: { tail: 0 } });
    expect(items).toEqual(await direct(prompts(20)));
    expect(new Set(timesAsked(simulator))).toEqual(new Set([1]));
  });

  it("collects what an expired job has answered, and asks for the rest", async () => {
    const simulator = await start({ batch: { runMs: 1e9, expiresAfterMs: 50, doneAtExpiry: 0.6 } });
    const { items } = await run(prompts(51), providerAt(simulator), { journal: path(), batch: { tail: 0 } });
    expect(items).toEqual(await direct(prompts(51)));
    expect(new Set(timesAsked(simulator))).toEqual(new Set([1]));
    expect(simulator.batches.jobs.map(({ counts }) => counts.succeeded)).toEqual([30, 12]);
  });

  it("learns the limit of the queue from a refusal, and makes smaller jobs", async () => {
    const simulator = await start({ batch: { enqueuedTokens: 150 } });
    const { items } = await run(prompts(60), providerAt(simulator), { journal: path(), batch: { tail: 0 } });
    expect(items).toEqual(await direct(prompts(60)));
    expect(new Set(timesAsked(simulator))).toEqual(new Set([1]));
    expect(simulator.batches.jobs.length).toBeGreaterThan(2);
  });

  it("knows the limit of the queue from the journal, so that another run has no job refused", async () => {
    const simulator = await start({ batch: { enqueuedTokens: 150 } });
    await run(prompts(60), providerAt(simulator), { journal: path(), batch: { tail: 0 } });
    const { length: before } = simulator.batches.jobs;
    const journal = await openJournal(path());
    onTestFinished(() => journal.close());
    expect(learnedQueueLimit(journal.batches?.jobs() ?? [], providerAt(simulator))).toBe(150);
    const others = prompts(120).slice(60);
    await run(others, providerAt(simulator), { journal: await journal.begin(), batch: { tail: 0 } });
    const added = simulator.batches.jobs.slice(before);
    expect(added.length).toBeGreaterThan(1);
    expect(added.map(({ state }) => state)).toEqual(added.map(() => "completed"));
  });

  it("stops where the lines of a job say that the account has no credit, and frees the requests", async () => {
    const simulator = await start({ batch: { faults: [{ kind: "noCreditLines" }] } });
    await expect(
      run(prompts(20), providerAt(simulator), { journal: path(), batch: { tail: 0 } }),
    ).rejects.toMatchObject({ code: "NO_CREDIT" });
    const { items } = await run(prompts(20), providerAt(simulator), { journal: path(), batch: { tail: 0 } });
    expect(items).toHaveLength(20);
  });

  it("cancels at the deadline a job that is stuck, waits for its end and asks the rest directly", async () => {
    const simulator = await start({
      batch: { cancelMs: 20, faults: [{ kind: "stuckIn", state: "running" }] },
    });
    const { items } = await run(prompts(21), providerAt(simulator), {
      journal: path(),
      batch: { tail: 0, deadline: 1500 },
    });
    expect(items).toEqual(await direct(prompts(21)));
    expect(new Set(timesAsked(simulator))).toEqual(new Set([1]));
  });

  it("goes on with open jobs where it was stopped, and asks nothing twice", async () => {
    const simulator = await start({ batch: { runMs: 1e7 } });
    const batch = { tail: 0, maxRequests: 10, wait: false };
    await expect(run(prompts(31), providerAt(simulator), { journal: path(), batch })).rejects.toMatchObject({
      code: "BATCH_OPEN",
    });
    expect(simulator.batches.jobs).toHaveLength(3);
    await expect(run(prompts(31), providerAt(simulator), { journal: path(), batch })).rejects.toMatchObject({
      code: "BATCH_OPEN",
    });
    simulator.advance(1e7);
    const { items } = await run(prompts(31), providerAt(simulator), { journal: path(), batch });
    expect(items).toEqual(await direct(prompts(31)));
    expect(simulator.batches.jobs).toHaveLength(3);
    expect(new Set(timesAsked(simulator))).toEqual(new Set([1]));
  });

  it("sends nothing where the journal has all answers", async () => {
    const simulator = await start();
    const options = { journal: path(), batch: { tail: 0 } };
    const first = await run(prompts(20), providerAt(simulator), options);
    const { received } = simulator.ledger;
    const second = await run(prompts(20), providerAt(simulator), options);
    expect(simulator.ledger.received).toBe(received);
    expect(second.items).toEqual(first.items);
    expect(second.stage.progress()).toMatchObject({ completed: 20, reused: 20 });
    expect(first.stage.progress()).toMatchObject({ completed: 20, reused: 0 });
  });

  it("finds what a direct run has asked, and a direct run finds what a batch has", async () => {
    const simulator = await start();
    await run(prompts(10), providerAt(simulator), { journal: path() });
    await run(prompts(20), providerAt(simulator), { journal: path(), batch: { tail: 0 } });
    expect(simulator.batches.runs).toHaveLength(9);
    const { received } = simulator.ledger;
    await run(prompts(20), providerAt(simulator), { journal: path() });
    expect(simulator.ledger.received).toBe(received);
  });

  it.each([
    ["asks for one choice at a time", false],
    ["asks for all choices at once", true],
  ])("gives three choices for each row where the API %s", async (_, nativeN) => {
    const simulator = await start();
    const whom = providerAt(simulator);
    const changes = { capabilities: { ...whom.capabilities, nativeN } };
    const options = { n: 3, temperature: 1 };
    const { items } = await run(prompts(12), providerAt(simulator, changes), {
      ...options,
      journal: path(),
      batch: { tail: 0 },
    });
    const other = await start();
    const expected = await run(prompts(12), providerAt(other, changes), options);
    expect(items).toEqual(expected.items);
    expect(simulator.batches.runs).toHaveLength(nativeN ? 11 : 33);
  });

  it("asks again for answers that cannot be used, in a second round, as a direct run does", async () => {
    const options = {
      output: mustBe("good"),
      maxReasks: 2,
    };
    const answer = ({ messages }: Pick<SimRequest, "messages">): string =>
      messages.length > 1 ? "good" : "bad";
    const simulator = await start({ answer });
    const { items, stage } = await run(prompts(15), providerAt(simulator), {
      ...options,
      journal: path(),
      batch: { tail: 0 },
    });
    const other = await start({ answer });
    expect(items).toEqual((await run(prompts(15), providerAt(other), options)).items);
    expect(stage.progress().batch).toMatchObject({ closed: 2, submitted: 28, answered: 28 });
  });

  it("asks for equal prompts each on its own, or once where they share an answer", async () => {
    const same = prompts(Array.from({ length: 20 }, (_, row) => `Document ${row % 4}.`));
    const simulator = await start();
    await run(same, providerAt(simulator), { journal: path(), batch: { tail: 0 } });
    expect(simulator.batches.runs).toHaveLength(19);
    const sharing = await start();
    const options = { askEqualOnce: true, journal: join(folder, "shared.db"), batch: { tail: 0 } };
    const { items, stage } = await run(same, providerAt(sharing), options);
    expect(items).toHaveLength(20);
    expect(sharing.batches.runs).toHaveLength(3);
    expect(stage.progress()).toMatchObject({ shared: 16, equal: 16 });
  });

  it("costs what the batch price says, told apart, and never goes over a budget", async () => {
    const simulator = await start();
    const price = { input: 10, output: 10, maxOutputTokens: 20 };
    const whole = await run(prompts(31), providerAt(simulator), {
      journal: path(),
      price,
      batch: { tail: 0, priceFactor: 0.5 },
    });
    const { cost = 0, batch, usage } = whole.stage.progress();
    const tokens = usage.inputTokens + usage.outputTokens;
    const tokensOfOne = tokens / 31;
    expect(cost).toBeCloseTo(((tokensOfOne + (tokens - tokensOfOne) / 2) * 10) / 1e6, 9);
    expect(batch?.cost).toBeCloseTo(((tokens - tokensOfOne) / 2) * (10 / 1e6), 9);
    const other = await start();
    const { items, stage } = await run(prompts(31), providerAt(other), {
      journal: join(folder, "budget.db"),
      price,
      budget: { maxCost: 0.005 },
      onStop: "close",
      batch: { tail: 0, priceFactor: 0.5 },
    });
    const { budget, cost: spent = 0 } = stage.progress();
    expect(spent).toBeLessThanOrEqual(0.005);
    expect(budget?.reserved.cost).toBe(0);
    expect(items.length).toBeGreaterThan(0);
    expect(stage.stopped === undefined || (stage.stopped as ParrotError).code === "BUDGET_EXHAUSTED").toBe(
      true,
    );
  });

  it("keeps a job that this key cannot see, says whose it is, and collects it with the right key", async () => {
    let isVisible = false;
    const simulator = await start({
      faults: ({ method, path: to }) =>
        !isVisible && method === "GET" && to.startsWith("/v1/batches/")
          ? { kind: "status", status: 404 }
          : undefined,
    });
    const options = { journal: path(), batch: { tail: 0 } };
    await expect(run(prompts(11), providerAt(simulator), options)).rejects.toMatchObject({
      code: "BATCH_NOT_VISIBLE",
    });
    isVisible = true;
    const { items } = await run(prompts(11), providerAt(simulator), options);
    expect(items).toHaveLength(11);
    expect(simulator.batches.jobs).toHaveLength(1);
  });

  it("stops where the API takes no such job, and says how to go on without", async () => {
    const simulator = await start({
      faults: ({ method, path: to }) =>
        method === "POST" && to === "/v1/batches" ? { kind: "status", status: 400 } : undefined,
    });
    await expect(
      run(prompts(11), providerAt(simulator), { journal: path(), batch: { tail: 0 } }),
    ).rejects.toMatchObject({
      code: "BATCH_REFUSED",
      message: expect.stringContaining("Without the option batch"),
    });
  });

  it("gives what there is of the results whose download breaks off, and reads the rest later", async () => {
    let downloads = 0;
    const simulator = await start({
      faults: ({ path: to }) => {
        if (!to.endsWith("/content")) return undefined;
        downloads += 1;
        return downloads === 1 ? { kind: "resetMidBody" } : undefined;
      },
    });
    const { items } = await run(prompts(31), providerAt(simulator), { journal: path(), batch: { tail: 0 } });
    expect(items).toEqual(await direct(prompts(31)));
    expect(downloads).toBe(2);
    expect(simulator.batches.jobs).toHaveLength(1);
  });

  it("counts what a job answers late, after it was cancelled", async () => {
    const fault = [{ kind: "stuckIn", state: "running" }, { kind: "lateAfterCancel" }] as const;
    const simulator = await start({ batch: { cancelMs: 20, faults: [fault] } });
    const { items } = await run(prompts(21), providerAt(simulator), {
      journal: path(),
      batch: { tail: 0, deadline: 1500 },
    });
    expect(items).toEqual(await direct(prompts(21)));
    expect(new Set(timesAsked(simulator))).toEqual(new Set([1]));
  });

  it("gives on what was answered where it is stopped while jobs are open", async () => {
    const simulator = await start({ batch: { runMs: 1e7 } });
    const stage = completionStream(providerAt(simulator), {
      ...fast(),
      journal: path(),
      onStop: "close",
      batch: { tail: 0 },
    });
    const items: (Completed | Failed)[] = [];
    const read = (async () => {
      for await (const item of sourceOf(prompts(11)).pipeThrough(stage)) items.push(item);
    })();
    await vi.waitUntil(() => stage.progress().batch?.jobs[0]?.sentAt !== undefined, { timeout: 20_000 });
    stage.stop(new ParrotError("INTERRUPTED", "Stopped by hand"));
    await read;
    expect(items.map(({ index }) => index)).toEqual([0]);
  });
});

describe("what goes wrong with jobs", () => {
  it("rows that a job refuses fail as direct ones do, where most others are answered", async () => {
    const simulator = await start({ batch: { faults: [{ kind: "lineError", rate: 0.2, status: 400 }] } });
    const { items } = await run(prompts(61), providerAt(simulator), { journal: path(), batch: { tail: 0 } });
    const failed = items.filter((item) => isFailed(item));
    expect(failed.length).toBeGreaterThan(0);
    expect(new Set(failed.map(({ failure }) => failure.code))).toEqual(new Set(["BAD_REQUEST"]));
  });

  it("a job that refuses most of its requests stops the run, and they are free again", async () => {
    const simulator = await start({ batch: { faults: [{ kind: "lineError", rate: 1, status: 400 }] } });
    const options = { journal: path(), batch: { tail: 0 } };
    await expect(run(prompts(61), providerAt(simulator), options)).rejects.toMatchObject({
      code: "BATCH_REFUSED",
      message: expect.stringContaining("60 were refused, although the first row was answered directly"),
    });
    const { items } = await run(prompts(61), providerAt(simulator), options);
    expect(items).toEqual(await direct(prompts(61)));
  });

  it("waits for results that a job names only a while after its end", async () => {
    const simulator = await start({ batch: { outputLagMs: 150 } });
    const { items } = await run(prompts(11), providerAt(simulator), { journal: path(), batch: { tail: 0 } });
    expect(items).toEqual(await direct(prompts(11)));
    expect(simulator.batches.jobs).toHaveLength(1);
  });

  it("a request that no job answers fails, where nothing is to be asked directly", async () => {
    const lost = { kind: "statusZero", rate: 1 } as const;
    const simulator = await start({ batch: { faults: [lost, lost] } });
    const { items } = await run(prompts(11), providerAt(simulator), {
      journal: path(),
      batch: { tail: "never" },
    });
    expect(items.filter((item) => isFailed(item))).toHaveLength(10);
    expect(items[1]).toMatchObject({ failure: { code: "TIMEOUT" } });
    expect(simulator.batches.jobs).toHaveLength(2);
  });

  it("a job that is refused for a line is made again without it, and that row is asked directly", async () => {
    const simulator = await start({ batch: { order: "input", faults: [{ kind: "invalidLine", line: 3 }] } });
    const { items, stage } = await run(prompts(12), providerAt(simulator), {
      journal: path(),
      batch: { tail: 0 },
    });
    expect(items).toEqual(await direct(prompts(12)));
    expect(simulator.batches.jobs.map(({ counts: { total } }) => total)).toEqual([11, 10]);
    expect(new Set(timesAsked(simulator))).toEqual(new Set([1]));
    expect(stage.progress().notices.join()).toMatch(
      /batch batch_\w+ was refused for its line 3 \(row \d+\): .*not parseable/,
    );
    expect(simulator.batches.files).toEqual([]);
  });

  it("a job that is refused for several lines is made again once without all of them", async () => {
    const faults = [[3, 7, 8].map((line) => ({ kind: "invalidLine", line }) as const)];
    const simulator = await start({ batch: { order: "input", faults } });
    const options = { journal: path(), batch: { tail: 0 } };
    const { items, stage } = await run(prompts(12), providerAt(simulator), options);
    expect(items).toEqual(await direct(prompts(12)));
    expect(simulator.batches.jobs.map(({ counts: { total } }) => total)).toEqual([11, 8]);
    expect(new Set(timesAsked(simulator))).toEqual(new Set([1]));
    expect(stage.progress().notices.join()).toMatch(
      /batch batch_\w+ was refused for 3 of its lines, the first of them line 3 \(row \d+\): .*not parseable/,
    );
  });

  it("a job that is refused for more than half of its lines stops the run, as something is wrong with all of them", async () => {
    const faults = [
      Array.from({ length: 16 }, (_, line) => ({ kind: "invalidLine", line: line + 1 }) as const),
    ];
    const simulator = await start({ batch: { faults } });
    const options = { journal: path(), batch: { tail: 0 } };
    await expect(run(prompts(31), providerAt(simulator), options)).rejects.toMatchObject({
      code: "BATCH_REFUSED",
      message: expect.stringContaining("not parseable"),
    });
    expect(simulator.batches.jobs).toHaveLength(1);
  });

  it("a row whose line is refused fails with the reason, where nothing is to be asked directly", async () => {
    const simulator = await start({ batch: { faults: [{ kind: "invalidLine", line: 3 }] } });
    const { items } = await run(prompts(12), providerAt(simulator), {
      journal: path(),
      batch: { tail: "never" },
    });
    const failed = items.filter((item) => isFailed(item));
    expect(failed).toMatchObject([{ failure: { message: expect.stringContaining("not parseable") } }]);
  });

  it("a file that the server no longer has is uploaded once more, and a job that is refused again stops the run", async () => {
    const gone = { kind: "fileGone" } as const;
    const simulator = await start({ batch: { faults: [gone] } });
    const options = { journal: path(), batch: { tail: 0 } };
    const { items } = await run(prompts(12), providerAt(simulator), options);
    expect(items).toEqual(await direct(prompts(12)));
    expect(simulator.batches.jobs.map(({ inputFile }) => inputFile)).toHaveLength(2);
    expect(new Set(simulator.batches.jobs.map(({ inputFile }) => inputFile)).size).toBe(2);
    expect(simulator.batches.files).toEqual([]);
    await rm(path());
    const broken = await start({ batch: { faults: [gone, gone, gone] } });
    await expect(run(prompts(12), providerAt(broken), options)).rejects.toMatchObject({
      code: "BATCH_REFUSED",
      message: expect.stringContaining("cannot be found"),
    });
    expect(broken.batches.jobs).toHaveLength(2);
  });

  it("a file whose upload had no answer is found by its name and deleted, by the run itself or by the next one", async () => {
    const ending = new AbortController();
    let uploads = 0;
    const simulator = await start({
      faults: ({ method, path: to }) => {
        if (method !== "POST" || to !== "/v1/files") return undefined;
        uploads += 1;
        if (uploads === 2) ending.abort(new Error("enough"));
        return uploads <= 2 ? { kind: "answerLost" } : undefined;
      },
    });
    const options = { journal: path(), batch: { tail: 0 } };
    const asked = prompts(12);
    await expect(run(asked, providerAt(simulator), { ...options, signal: ending.signal })).rejects.toThrow(
      "enough",
    );
    await vi.waitFor(() => expect(simulator.batches.files).toHaveLength(2));
    const { items } = await run(asked, providerAt(simulator), options);
    expect(items).toEqual(await direct(asked));
    expect(simulator.batches.jobs).toHaveLength(1);
    expect(simulator.batches.files).toEqual([]);
  });

  it("an equal number of requests of somebody else is not taken for the own job", async () => {
    const lostOnce = (() => {
      let creations = 0;
      return ({ method, path: to }: { readonly method: string; readonly path: string }) => {
        if (method !== "POST" || to !== "/v1/messages/batches") return undefined;
        creations += 1;
        // The second creation never arrives, and the first one is somebody else's.
        return creations === 2 ? ({ kind: "status", status: 502 } as const) : undefined;
      };
    })();
    const simulator = await start({ batch: { runMs: 1e6 }, faults: lostOnce });
    const whom = anthropic({ model: "sim", apiKey: simulator.apiKey, baseUrl: simulator.urls.anthropic });
    const other = { maxTokens: 50, journal: join(folder, "other.db"), batch: { tail: 0, wait: false } };
    const theirs = run(prompts(11), whom, other).catch((error: unknown) => error);
    const ours = run(prompts(Array.from({ length: 11 }, (_, row) => `Other ${row}.`)), whom, {
      maxTokens: 50,
      journal: path(),
      batch: { tail: 0 },
    });
    await theirs;
    await vi.waitUntil(() => simulator.batches.jobs.length === 2, { timeout: 20_000 });
    simulator.advance(2e6);
    expect((await ours).items.every((item) => !isFailed(item))).toBe(true);
    expect(new Set(simulator.batches.runs.map(({ key }) => key)).size).toBe(20);
  });

  it("two runs of one process that ask the same make one job", async () => {
    const simulator = await start({ batch: { runMs: 200 } });
    const journal = await openJournal(path());
    const options = { journal, batch: { tail: 0 } };
    const [first, second] = await Promise.all([
      run(prompts(11), providerAt(simulator), options),
      run(prompts(11), providerAt(simulator), options),
    ]);
    await journal.close();
    expect(second.items.map(({ index }) => index)).toEqual(first.items.map(({ index }) => index));
    expect(new Set(simulator.batches.runs.map(({ key }) => key)).size).toBe(simulator.batches.runs.length);
  });
});

describe("an option batch that cannot be used", () => {
  it.each([
    ["a provider without batches", () => ({ batch: undefined }), "has no batches"],
    ["no journal", () => ({}), "Give a journal in a file"],
  ] as const)("is refused before anything is sent, for %s", (_, changes, words) => {
    const whom = { ...openai({ model: "m", apiKey: "k" }), ...changes() } as Provider;
    expect(() => completionStream(whom, { batch: true })).toThrow(
      expect.objectContaining({
        code: "INVALID_OPTION",
        option: "batch",
        message: expect.stringContaining(words),
      }),
    );
  });

  it("is refused before anything is sent, for a pool and for a journal in memory", () => {
    const whom = openai({ model: "m", apiKey: "k" });
    const options = { batch: true, journal: "run.db" };
    expect(() => completionStream(pool([whom, whom]), options)).toThrow("Ask one of its members");
    expect(() => completionStream(whom, { ...options, journal: memoryJournal() })).toThrow(
      "Give a journal in a file",
    );
  });

  it("says of batches that nobody has tried that they are used as the documents have them", async () => {
    const simulator = await start();
    const whom = providerAt(simulator);
    if (whom.batch === undefined) throw new Error("The provider has no batches");
    const untried = { ...whom, batch: { ...whom.batch, isUntried: true } as const };
    const { stage } = await run(prompts(3), untried, { journal: path(), batch: { tail: 0 } });
    expect(stage.progress().notices.join()).toMatch(/batches of openai .* nobody has tried them yet/);
  });

  it("says what has to be set where a provider has batches only with it", () => {
    const whom = providerAt({ baseUrl: "http://localhost:1/v1", apiKey: "k" } as const, {
      batchHint: "Batches are made below an account: set ACCOUNT",
    });
    const { batch: _, ...without } = whom;
    expect(() => completionStream(without, { batch: true, journal: path() })).toThrow(
      /Cannot use the option batch: Batches are made below an account: set ACCOUNT/,
    );
  });

  it("finds the job whose creation got no answer by its file, where jobs have no names", async () => {
    let isLost = false;
    const simulator = await start({
      batch: { runMs: 50 },
      faults: ({ method, path: to }) => {
        if (isLost || method !== "POST" || !to.endsWith("/batches")) return undefined;
        isLost = true;
        return { kind: "answerLost" };
      },
    });
    const whom = providerAt(simulator);
    const { batch } = whom;
    if (batch === undefined) throw new Error("The provider has no batches");
    const list: BatchDialect["list"] = (since) => {
      const page = batch.list(since);
      return {
        ...page,
        read(response) {
          const reading = page.read(response);
          if (!reading.ok) return reading;
          const jobs = reading.jobs.map((job) => {
            const { name: _name, total: _total, ...nameless } = job;
            return nameless;
          });
          return { ok: true, jobs };
        },
      };
    };
    const byFile = { ...whom, batch: { ...batch, foundBy: "file", list } as const };
    const { items } = await run(prompts(20), byFile, { journal: path(), batch: { tail: 0 } });
    expect(items).toEqual(await direct(prompts(20)));
    expect(simulator.batches.jobs).toHaveLength(1);
  });
});
