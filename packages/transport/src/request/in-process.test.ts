import { isFailed, type Completed, type Failed, type Prompted } from "@parallel-parrot/core";
import { sourceOf } from "@parallel-parrot/core/testing";
import { memoryJournal } from "@parallel-parrot/journal";
import { functionProvider, VerdictError, type FunctionProviderOptions } from "@parallel-parrot/providers";
import { describe, expect, it } from "vitest";
import { completionStream, createLimiter, createScaledClock, type CompletionOptions } from "../index.ts";
import { PATIENT } from "../../fixtures/run-pool.ts";

const prompts = (count: number): Prompted[] =>
  Array.from({ length: count }, (_, index) => ({
    index,
    row: { id: index },
    prompt: { messages: [{ role: "user", content: `Word ${index}` }] },
  }));

interface Result {
  readonly items: readonly (Completed | Failed)[];
  readonly error: unknown;
  readonly progress: ReturnType<ReturnType<typeof completionStream>["progress"]>;
  /** Row numbers in the order asked. */
  readonly asked: readonly number[];
}

async function run(
  complete: FunctionProviderOptions["complete"],
  { count = 3, ...options }: CompletionOptions & { readonly count?: number } = {},
): Promise<Result> {
  const asked: number[] = [];
  const provider = functionProvider({
    name: "test",
    model: "m",
    complete(request, context) {
      asked.push(Number(request.messages.at(-1)?.content.slice(5)));
      return complete(request, context);
    },
  });
  const stage = completionStream(provider, {
    limiter: createLimiter({ clock: createScaledClock(400) }),
    ...PATIENT,
    ...options,
  });
  const items: (Completed | Failed)[] = [];
  let error: unknown;
  try {
    for await (const item of sourceOf(prompts(count)).pipeThrough(stage)) items.push(item);
  } catch (thrown) {
    error = thrown;
  }
  return { items, error, progress: stage.progress(), asked };
}

const texts = ({ items }: Result): unknown[] =>
  items.map((item) => (isFailed(item) ? item.failure.code : item.completion.choices[0]?.text));

const upper: FunctionProviderOptions["complete"] = ({ messages }) =>
  messages.at(-1)?.content.toUpperCase() ?? "";

describe("a function as a provider", () => {
  it("a provider of a function answers each row by it, and estimates the usage that the function does not tell", async () => {
    const result = await run(upper);
    expect(texts(result)).toEqual(["WORD 0", "WORD 1", "WORD 2"]);
    expect(result.progress).toMatchObject({ completed: 3, usage: { requests: 3 }, usageIsEstimated: true });
  });

  it("a provider of a function takes usage, finish reason and model from the object that it returns", async () => {
    const usage = { inputTokens: 7, outputTokens: 3 };
    const result = await run(async () => ({ text: "x", usage, model: "m-1", finishReason: "length" }), {
      price: { input: 1, output: 2 },
    });
    expect(result.items[0]).toMatchObject({
      completion: { model: "m-1", usage, choices: [{ text: "x", finishReason: "length" }] },
    });
    expect(result.progress.cost).toBeCloseTo((3 * (7 + 6)) / 1e6, 12);
    expect(result.progress.usageIsEstimated).toBe(false);
  });

  it("a run asks a function again that throws, and fails only the row once its attempts are used up", async () => {
    let thrown = 0;
    const result = await run((request, context) => {
      if (request.messages[0]?.content === "Word 1") throw new Error("always");
      if (thrown++ === 1) throw new Error("once");
      return upper(request, context);
    });
    expect(texts(result)).toEqual(["WORD 0", "SERVER_ERROR", "WORD 2"]);
    expect(result.asked.filter((row) => row === 1).length).toBeGreaterThanOrEqual(10);
  });

  it("a run obeys the verdict that a function throws", async () => {
    const failed = await run((request, context) => {
      if (request.messages[0]?.content === "Word 1")
        throw new VerdictError({ verdict: "fail", code: "REFUSED", message: "no" });
      return upper(request, context);
    });
    expect(texts(failed)).toEqual(["WORD 0", "REFUSED", "WORD 2"]);
    expect(failed.asked).toEqual([0, 1, 2]);
    const stopped = await run(() => {
      throw new VerdictError({ verdict: "stop", code: "NO_CREDIT", message: "empty purse" });
    });
    expect(stopped.error).toMatchObject({
      code: "NO_CREDIT",
      message: expect.stringContaining("empty purse"),
    });
    expect(stopped.asked).toEqual([0]);
  });

  it("a run waits where a function says that it is throttled, which costs no attempt", async () => {
    let refusals = 0;
    const result = await run(
      (request, context) => {
        if (refusals++ < 4)
          throw new VerdictError({
            verdict: "wait",
            code: "RATE_LIMITED",
            message: "busy",
            retryAfterMs: 1000,
          });
        return upper(request, context);
      },
      { maxAttempts: 1 },
    );
    expect(texts(result)).toEqual(["WORD 0", "WORD 1", "WORD 2"]);
  });

  it("a run finds a function's answers and final refusals again in a journal", async () => {
    const journal = memoryJournal();
    const complete: FunctionProviderOptions["complete"] = (request, context) => {
      if (request.messages[0]?.content === "Word 1")
        throw new VerdictError({ verdict: "fail", code: "CONTENT_FILTERED", message: "no" });
      return upper(request, context);
    };
    const first = await run(complete, { journal });
    const second = await run(complete, { journal });
    expect(texts(second)).toEqual(["WORD 0", "CONTENT_FILTERED", "WORD 2"]);
    expect(texts(first)).toEqual(texts(second));
    expect([first.asked.length, second.asked]).toEqual([3, []]);
  });

  it("a run keeps to a budget of requests with a function", async () => {
    const result = await run(upper, { count: 20, budget: { maxRequests: 5 } });
    expect(result.error).toMatchObject({ code: "BUDGET_EXHAUSTED" });
    expect(result.asked).toHaveLength(5);
  });

  it("a run sends no more at once than a provider says it works on", async () => {
    let [inFlight, most] = [0, 0];
    const provider = functionProvider({
      name: "narrow",
      model: "m",
      async complete() {
        most = Math.max(most, ++inFlight);
        await new Promise((resolve) => void setImmediate(resolve));
        inFlight--;
        return "x";
      },
    });
    const stage = completionStream({ ...provider, concurrency: 3 });
    const items = await Array.fromAsync(sourceOf(prompts(30)).pipeThrough(stage));
    expect([items.length, most]).toEqual([30, 3]);
  });

  it("a run gives up on a function that ignores its signal", async () => {
    const signals: AbortSignal[] = [];
    const result = await run(
      (request, { signal }) => {
        if (request.messages[0]?.content !== "Word 1") return "x";
        signals.push(signal);
        return new Promise<string>(() => undefined);
      },
      { attemptTimeoutMs: 20, maxAttempts: 2 },
    );
    expect(texts(result)).toEqual(["x", "TIMEOUT", "x"]);
    expect(signals.length).toBeGreaterThanOrEqual(2);
    expect(signals.every(({ aborted }) => aborted)).toBe(true);
  });

  it("a run refuses a function's answer that is larger than maxResponseBytes, or is none", async () => {
    const large = await run(({ messages }) => (messages[0]?.content === "Word 1" ? "x".repeat(2000) : "x"), {
      maxResponseBytes: 1000,
    });
    expect(texts(large)).toEqual(["x", "RESPONSE_TOO_LARGE", "x"]);
    // What plain JavaScript can do in spite of the types.
    const wrong = await run(() => JSON.parse("7"), { maxAttempts: 1 });
    expect(wrong.error).toMatchObject({
      code: "SETUP_FAILED",
      message: expect.stringContaining("the function complete returned 7; expected a text"),
    });
  });
});
