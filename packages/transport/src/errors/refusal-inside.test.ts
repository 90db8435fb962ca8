// @module-tag slow
import { describe, expect, it } from "vitest";
import { isFailed } from "@parallel-parrot/core";
import { openai } from "@parallel-parrot/providers";
import { startSimulator, type ErrorForm, type Fault, type FaultScript } from "@parallel-parrot/simulator";
import { plain } from "../../fixtures/backend.ts";
import { clock, runOne } from "../../fixtures/run-pool.ts";
import { createLimiter, type CompletionOptions } from "../index.ts";

/** Runs rows with a budget, and with time four hundred times as fast. */
async function run(baseUrl: string, rows: number, options: CompletionOptions = {}) {
  const { items, error, stage } = await runOne(openai({ model: "sim", baseUrl, apiKey: "sim-key" }), rows, {
    limiter: createLimiter({ clock }),
    maxTokens: 100,
    budget: { maxTokens: 10_000_000 },
    ...options,
  });
  const lostRequests = stage.progress().budget?.lost.requests;
  return { items, failed: items.filter(isFailed), error, lostRequests };
}

async function against(faults: FaultScript, rows: number, options?: CompletionOptions) {
  await using simulator = await startSimulator({ faults });
  return await run(simulator.baseUrl, rows, options);
}

const inside = (form: ErrorForm, message: string, code = 9999): Fault => ({
  kind: "errorInside",
  form,
  message,
  code,
});

const isOfRow = (row: number, body: unknown): boolean => JSON.stringify(body).includes(`document ${row}.`);

const FORMS = [
  "baseResp",
  "detail",
  "errorCode",
  "errors",
  "list",
  "message",
  "openrouter",
  "success",
  "wrapped",
  "xai",
] as const;

describe("a successful response that says no answer but an error", () => {
  it.each(FORMS)(
    "an error in a successful response fails no row while a server says so for a time, in the form %s",
    async (form) => {
      const away = inside(form, "upstream is gone");
      const result = await against(
        ({ sequence }) => (sequence > 1 && sequence <= 80 ? away : undefined),
        200,
      );
      expect(result.error).toBeUndefined();
      expect(result.items).toHaveLength(200);
      expect(result.failed).toEqual([]);
      expect(result.lostRequests).toBe(0);
    },
  );

  it.each(["baseResp", "detail", "errorCode", "errors", "message", "success", "wrapped"] as const)(
    "an error in a successful response says at the first request that the base URL is wrong, with the server's words, in the form %s",
    async (form) => {
      const result = await against(() => inside(form, "no such service here"), 3);
      expect(result.error).toMatchObject({
        code: "NOT_THE_API",
        message: expect.stringContaining("no such service here"),
      });
      expect(result.items).toEqual([]);
    },
  );

  it.each(FORMS)(
    "an error in a successful response has the server's words where one row has no more attempts, in the form %s",
    async (form) => {
      const fault = inside(form, "this document hurts");
      const result = await against(({ body }) => (isOfRow(2, body) ? fault : undefined), 6, {
        maxAttempts: 2,
      });
      expect(result.error).toBeUndefined();
      expect(result.failed).toMatchObject([
        { index: 2, failure: { message: expect.stringContaining("this document hurts") } },
      ]);
    },
  );

  it.each(FORMS)(
    "an error in a successful response stops the run where it says that there is no credit, in the form %s",
    async (form) => {
      const fault = inside(form, "insufficient balance", 1008);
      const result = await against(({ sequence }) => (sequence > 1 ? fault : undefined), 4, {
        concurrency: 1,
      });
      expect(result.error).toMatchObject({
        code: "NO_CREDIT",
        message: expect.stringContaining("insufficient balance"),
      });
      expect(result.items).toHaveLength(1);
    },
  );

  it.each(FORMS)(
    "an error in a successful response makes the run wait where it says that the server throttles, in the form %s",
    async (form) => {
      const fault = inside(form, "rate limit", 1002);
      const result = await against(({ sequence }) => (sequence === 2 ? fault : undefined), 4, {
        concurrency: 1,
        maxAttempts: 1,
      });
      expect(result.error).toBeUndefined();
      expect(result.failed).toEqual([]);
    },
  );

  it("an error in a successful response stops the run where it says that the key is wrong", async () => {
    const result = await against(
      () => inside("baseResp", "login fail: Please carry the API secret key", 1004),
      4,
    );
    expect(result.error).toMatchObject({ code: "AUTHENTICATION" });
  });

  it("an error in a successful response fails one row where it says that the prompt is refused", async () => {
    const result = await against(
      ({ body }) => (isOfRow(2, body) ? inside("baseResp", "input new_sensitive", 1026) : undefined),
      4,
    );
    expect(result.failed).toMatchObject([{ index: 2, failure: { code: "CONTENT_FILTERED", attempts: 1 } }]);
  });
});

describe("an account without credit", () => {
  it.each<[server: string, status: number, body: unknown, sentence: string]>([
    [
      "MiniMax, as Anthropic",
      500,
      { type: "error", error: { type: "api_error", message: "insufficient balance (1008)" } },
      "insufficient balance (1008)",
    ],
    [
      "MiniMax, through a gateway",
      429,
      {
        error: {
          http_code: "429",
          message: "insufficient balance (1008)",
          type: "insufficient_balance_error",
        },
      },
      "insufficient balance (1008)",
    ],
    [
      "LiteLLM",
      400,
      {
        error: {
          message: "Budget has been exceeded! Current cost: 26.075, Max budget: 0.25",
          type: "budget_exceeded",
          param: null,
          code: "400",
        },
      },
      "Budget has been exceeded! Current cost: 26.075",
    ],
    [
      "LiteLLM's router",
      429,
      {
        error: {
          message: "No deployments available - crossed budget: Exceeded budget for deployment",
          code: 429,
        },
      },
      "crossed budget",
    ],
    [
      "New API",
      403,
      { error: { message: "用户额度不足, 剩余额度: ＄-0.000002", type: "new_api_error" } },
      "用户额度不足",
    ],
    ["a proxy that speaks plain text", 503, "Insufficient credits. Please top up.", "Insufficient credits"],
  ])(
    "an account without credit stops the run with the sentence of %s, whatever the status",
    async (_server, status, body, sentence) => {
      await using simulator = await startSimulator({
        faults: ({ sequence }) => (sequence > 1 ? { kind: "status", status, body } : undefined),
      });
      const result = await run(simulator.baseUrl, 50, { concurrency: 1 });
      expect(result.error).toMatchObject({ code: "NO_CREDIT", message: expect.stringContaining(sentence) });
      expect(result.items).toHaveLength(1);
      expect(simulator.ledger.received).toBe(2);
    },
  );

  it("an answer that speaks of an account without credit does not stop the run", async () => {
    await using simulator = await startSimulator({
      answer: () => "Insufficient balance. Please recharge: the budget has been exceeded.",
    });
    const result = await run(simulator.baseUrl, 4);
    expect(result).toMatchObject({ error: undefined, failed: [] });
  });

  it("a limit of a minute that calls itself a quota is not taken for an account without credit", async () => {
    const body = {
      error: { code: 429, message: "Insufficient quota: requests per minute", status: "RESOURCE_EXHAUSTED" },
    };
    const result = await against(
      ({ sequence }) => (sequence === 2 ? { kind: "status", status: 429, body } : undefined),
      4,
      { maxAttempts: 1 },
    );
    expect(result).toMatchObject({ error: undefined, failed: [] });
  });

  it("a refusal that quotes a prompt about credit is not taken for an account without credit", async () => {
    const body = {
      error: { message: 'Invalid content: "insufficient balance, please recharge"', code: null },
    };
    const result = await against(
      ({ body: asked }) => (isOfRow(2, asked) ? { kind: "status", status: 400, body } : undefined),
      4,
    );
    expect(result.error).toBeUndefined();
    expect(result.failed).toMatchObject([{ index: 2, failure: { code: "BAD_REQUEST" } }]);
  });
});

describe("Google's errors inside Chat Completions", () => {
  const failure = (quotaId: string, quotaValue: string) => [
    {
      error: {
        code: 429,
        message: "You exceeded your current quota, please check your plan and billing details.",
        status: "RESOURCE_EXHAUSTED",
        details: [
          {
            "@type": "type.googleapis.com/google.rpc.QuotaFailure",
            violations: [{ quotaMetric: "generate_content_free_tier_requests", quotaId, quotaValue }],
          },
          { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "20s" },
        ],
      },
    },
  ];

  it("Google's errors inside Chat Completions are waited for as long as RetryInfo says, and tell the limit of a minute", async () => {
    const body = failure("GenerateRequestsPerMinutePerProjectPerModel-FreeTier", "1000");
    await using simulator = await startSimulator({
      faults: ({ sequence }) => (sequence === 2 ? { kind: "status", status: 429, body } : undefined),
    });
    const limiter = createLimiter({ clock });
    const result = await run(simulator.baseUrl, 4, { concurrency: 1, maxAttempts: 1, limiter });
    expect(result).toMatchObject({ error: undefined, failed: [] });
    expect(limiter.limits).toContainEqual(
      expect.objectContaining({ dimension: "requests", windowMs: 60_000, limit: 1000 }),
    );
    const [, refused, next] = simulator.ledger.entries;
    // Node's timers may be a millisecond early.
    expect((next?.timeMs ?? 0) - (refused?.timeMs ?? 0)).toBeGreaterThanOrEqual(20_000 / 400 - 1);
  });

  it("Google's errors inside Chat Completions stop the run where the quota of a day is used up, and say when to go on", async () => {
    const body = failure("GenerateRequestsPerDayPerProjectPerModel-FreeTier", "200");
    const result = await against(() => ({ kind: "status", status: 429, headers: NOON, body }), 4);
    expect(result.error).toMatchObject({
      code: "WAIT_TOO_LONG",
      message: expect.stringMatching(
        /You exceeded your current quota.*The limit of 200 requests per day is used up.*The wait would be 20 h/,
      ),
    });
  });
});

/** A day ends twenty hours later in California. */
const NOON = { date: "Mon, 30 Nov 2026 12:00:00 GMT" };

/** MiniMax's own words: every response has `base_resp`, with the code 0 where there is an answer. */
const MINIMAX: Readonly<Record<number, string>> = {
  0: "",
  1000: "unknown error",
  1002: "rate limit",
  1004: "not authorized / token not match group / cookie is missing, log in again",
  1008: "insufficient balance",
  1027: "output new_sensitive",
};

describe("a server that answers every request with status 200, as MiniMax does", () => {
  /** Answers with one code after the other, and with an answer from then on. */
  async function minimax(codes: readonly number[]): Promise<string> {
    let asked = 0;
    const server = await plain((_path, _respond, response) => {
      const code = codes[asked++] ?? 0;
      const message = { role: "assistant", content: "Blue.", name: "MiniMax AI" };
      const body = {
        id: "0521",
        choices: code === 0 ? [{ finish_reason: "stop", index: 0, message }] : null,
        created: 1_760_000_000,
        model: "MiniMax-M2",
        object: code === 0 ? "chat.completion" : "",
        usage: code === 0 ? { total_tokens: 9, prompt_tokens: 7, completion_tokens: 2 } : null,
        base_resp: { status_code: code, status_msg: MINIMAX[code] },
      };
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
    });
    return `${server.origin}/v1`;
  }

  it("a server that answers every request with status 200, as MiniMax does, is read: its answers, a fault that passes and a limit", async () => {
    const result = await run(await minimax([0, 1000, 1002, 0, 1000]), 6, { concurrency: 1 });
    expect(result).toMatchObject({ error: undefined, failed: [], lostRequests: 0 });
    expect(result.items).toHaveLength(6);
  });

  it.each([
    [1004, "AUTHENTICATION"],
    [1008, "NO_CREDIT"],
  ])(
    "a server that answers every request with status 200 stops the run at the code %i (%s)",
    async (code, expected) => {
      const result = await run(await minimax([0, code, code, code]), 6, { concurrency: 1 });
      expect(result.error).toMatchObject({
        code: expected,
        message: expect.stringContaining(MINIMAX[code] ?? ""),
      });
    },
  );

  it("a server that answers every request with status 200 fails the row whose answer is withheld", async () => {
    const result = await run(await minimax([0, 1027]), 3, { concurrency: 1 });
    expect(result.failed).toMatchObject([{ index: 1, failure: { code: "CONTENT_FILTERED" } }]);
  });
});
