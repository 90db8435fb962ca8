import { anthropic, openai, type Call, type Provider } from "@parallel-parrot/providers";
import { startSimulator, type Simulator, type SimulatorOptions } from "@parallel-parrot/simulator";
import { describe, expect, it, onTestFinished } from "vitest";
import { BATCH_PROVIDERS } from "../fixtures/batch-providers.ts";
import {
  batchOf,
  collect,
  judge,
  listJobs,
  look,
  makeJob,
  send,
} from "../../providers/fixtures/run-batch.ts";

const NONE: ReadonlySet<string> = new Set();

function ask(text: string): Call {
  return {
    prompt: { messages: [{ role: "user", content: text }] },
    params: {},
    shape: { type: "text" },
    n: 1,
  };
}

/** Keys as long as those of a journal. */
function keyOf(row: number): string {
  return `${"k_-".repeat(13)}${String(row).padStart(4, "0")}`;
}

const CALLS = new Map(
  ["The sea is blue.", "The sky is grey.", "Snow is «white»\nand cold.", "Grass is green."].map(
    (text, row) => [keyOf(row), ask(text)] as const,
  ),
);

async function start(options: SimulatorOptions = {}): Promise<Simulator> {
  const simulator = await startSimulator(options);
  onTestFinished(() => simulator.close());
  return simulator;
}

/** What direct requests are answered. */
async function direct(provider: Provider): Promise<Map<string, unknown>> {
  const answers = new Map<string, unknown>();
  for (const [key, call] of CALLS) {
    const request = provider.buildRequest(call, NONE);
    const response = await fetch(request.url, {
      method: "POST",
      headers: { ...request.headers, ...(await provider.authorize(request)) },
      body: request.body,
    });
    const answer = provider.readResponse(
      { status: response.status, headers: {}, body: await response.text() },
      NONE,
    );
    answers.set(key, answer.ok ? answer.completion.choices : answer.rejection);
  }
  return answers;
}

describe.each(BATCH_PROVIDERS)("batches of %s at the simulator", (name, make) => {
  it(`a batch of ${name} has the answers that direct requests have, and leaves nothing behind`, async () => {
    const simulator = await start({ batch: { runMs: 1000 } });
    const provider = make(simulator);
    const made = await makeJob(provider, CALLS);
    expect(made.phase).not.toBe("ended");
    simulator.advance(1000);
    const job = await look(provider, made.id);
    expect(job).toMatchObject({ phase: "ended", succeeded: 4, failed: 0, total: 4 });
    const answers = judge(provider, await collect(provider, job));
    const choices = [...answers].map(([key, answer]) => [
      key,
      typeof answer === "object" && answer.ok ? answer.completion.choices : answer,
    ]);
    expect(new Map(choices as [string, unknown][])).toEqual(await direct(provider));
    const batch = batchOf(provider);
    for (const step of batch.cleanUp(job))
      expect(step.read(await send(batch, step.request))).toEqual({ ok: true });
    expect(simulator.batches.files).toEqual([]);
    // One body was asked both ways: a journal finds one by the other.
    const hashes = new Set(simulator.ledger.entries.map(({ bodyHash }) => bodyHash));
    const isSame = simulator.batches.runs.every(({ bodyHash }) => hashes.has(bodyHash));
    expect(isSame).toBe(name !== "azure");
  });

  it(`a job of ${name} whose creation got no answer is found in the list`, async () => {
    const simulator = await start({
      batch: { runMs: 1e6 },
      faults: ({ method, path }) =>
        method === "POST" && /batches$|jobs$|:batchGenerateContent$/.test(path)
          ? { kind: "answerLost", status: 502 }
          : undefined,
    });
    const provider = make(simulator);
    await expect(makeJob(provider, CALLS)).rejects.toThrow("502");
    const { foundBy } = batchOf(provider);
    const jobs = await listJobs(provider, Date.now() - 60_000);
    const found = jobs.filter((job) => (foundBy === "name" ? job.name === "job-7b1d4e2a" : job.total === 4));
    expect(found).toHaveLength(1);
    expect(found[0]?.id).toBe(simulator.batches.jobs[0]?.id);
  });

  it(`a job of ${name} that expires or is cancelled has the answers until then, and says what is lost`, async () => {
    const simulator = await start({ batch: { runMs: 4e6, expiresAfterMs: 2e6, doneAtExpiry: 0.5 } });
    const provider = make(simulator);
    const batch = batchOf(provider);
    const made = await makeJob(provider, CALLS);
    simulator.advance(2e6);
    const expired = judge(provider, await collect(provider, await look(provider, made.id)));
    expect(
      [...expired.values()].map((answer) => (typeof answer === "object" ? "ok" : answer)).toSorted(),
      // An expired job of Gemini has no results at all.
    ).toEqual(name === "gemini" ? [] : ["expired", "expired", "ok", "ok"]);
    const other = await makeJob(provider, CALLS, "job-00000002");
    const step = batch.cancel?.(other.id);
    expect(step?.read(await send(batch, step.request)).ok).toBe(true);
    const cancelled = await look(provider, other.id);
    expect(cancelled.phase).toBe("ended");
    const lost = judge(provider, await collect(provider, cancelled));
    expect([...lost.values()]).toEqual(["cancelled", "cancelled", "cancelled", "cancelled"]);
  });

  it(`results of ${name} that are missing, doubled, errors or nothing at all are told apart`, async () => {
    const simulator = await start({
      batch: {
        order: "input",
        faults: [
          { kind: "lineError", rate: 1, status: 429 },
          { kind: "repeatedLines", rate: 1 },
          { kind: "missingLines", rate: 1 },
          { kind: "noCreditLines" },
        ],
      },
    });
    const provider = make(simulator);
    const resultsOf = async () =>
      collect(provider, await look(provider, (await makeJob(provider, CALLS)).id));
    const throttled = judge(provider, await resultsOf());
    expect([...throttled.values()]).toMatchObject(
      Array.from({ length: 4 }, () => ({ ok: false, rejection: { verdict: "wait", code: "RATE_LIMITED" } })),
    );
    expect(await resultsOf()).toHaveLength(8);
    expect(await resultsOf()).toHaveLength(0);
    const broke = judge(provider, await resultsOf());
    expect([...broke.values()]).toMatchObject(
      Array.from({ length: 4 }, () => ({ ok: false, rejection: { verdict: "stop", code: "NO_CREDIT" } })),
    );
  });

  it(`a state of ${name} that nobody knows counts as running`, async () => {
    const simulator = await start({ batch: { runMs: 1e6, faults: [{ kind: "unknownState" }] } });
    const provider = make(simulator);
    const { id } = await makeJob(provider, CALLS);
    // Jobs of xAI have no word for their state.
    const word = name === "xai" ? /^running$/ : /^paused$/i;
    const state: unknown = expect.stringMatching(word);
    expect(await look(provider, id)).toMatchObject({ phase: "running", state });
  });
});

it("a full queue of OpenAI is read from the refused job, with its limit", async () => {
  const simulator = await start({ batch: { enqueuedTokens: 30 } });
  const provider = openai({ model: "m", apiKey: simulator.apiKey, baseUrl: simulator.urls.openai });
  const job = await look(provider, (await makeJob(provider, CALLS)).id);
  expect(job.refused).toMatchObject({ rejection: { verdict: "wait", code: "RATE_LIMITED" }, queueLimit: 30 });
});

it("the results of Anthropic are fetched at the API itself where the job names another server", async () => {
  const url = "https://elsewhere.example/results";
  const simulator = await start({ batch: { faults: [{ kind: "crossOriginResultsUrl", url }] } });
  const provider = anthropic({ model: "m", apiKey: simulator.apiKey, baseUrl: simulator.urls.anthropic });
  const job = await look(provider, (await makeJob(provider, CALLS)).id);
  expect(job.outputs).toEqual([url]);
  expect(await collect(provider, job)).toHaveLength(4);
});

it("a key of a batch that is wrong is a reason to stop, and no job is made for sure", async () => {
  const simulator = await start();
  for (const [, make] of BATCH_PROVIDERS) {
    const batch = batchOf(make({ ...simulator, apiKey: "wrong-key-0123456789" }));
    const creation = batch.create({ name: "job-7b1d4e2a", requests: 1, bytes: 2 }, "file-1");
    const created = creation.read(await send(batch, creation.request, ["{}"]));
    expect(created).toMatchObject({ ok: false, isCertain: true, rejection: { code: "AUTHENTICATION" } });
    expect(JSON.stringify(created)).not.toContain("wrong-key");
  }
});
