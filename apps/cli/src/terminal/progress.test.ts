import { NO_USAGE } from "@parallel-parrot/core";
import { openai } from "@parallel-parrot/providers";
import { completionStream, type CompletionProgress } from "@parallel-parrot/transport";
import { describe, expect, it } from "vitest";
import { describeProgress, progressLine } from "./progress.ts";
import type { RunStatus } from "./run-status.ts";

describe("the line of progress", () => {
  const stage = completionStream(openai({ model: "m", baseUrl: "http://localhost:1/v1" }), {
    price: { input: 1, output: 2 },
    budget: { maxCost: 2 },
    maxTokens: 10,
  });

  const statusOf = (more: Partial<CompletionProgress>, left?: Partial<RunStatus>): RunStatus => ({
    progress: { ...stage.progress(), ...more },
    unusable: 0,
    isStopping: false,
    total: undefined,
    seconds: 1,
    leftMs: undefined,
    ...left,
  });

  it("the line of progress says what matters most first: rows, time left, cost, failed rows, what is waited for", () => {
    const wait = { kind: "outage", ms: 60_000, isLoading: false, message: "HTTP 502: Bad gateway" } as const;
    const status = statusOf(
      { completed: 1200, failed: 34, reused: 1000, cost: 0.5, waits: [wait], waiting: 4, inFlight: 1000 },
      { total: 5000, seconds: 60, leftMs: 754_000 },
    );
    expect(describeProgress(status)).toMatch(
      /^1,234\/5,000 rows · 13 min left · \$0\.50 of \$2\.00 · 34 failed · waiting for the server, until .* · 234\/min · 1,000 in flight · 4 waiting · 1,000 from the journal · 0 tokens$/,
    );
  });

  it.each([60, 80, 110, 200])("the line of progress fits on a terminal of %i columns", (columns) => {
    const status = statusOf(
      { completed: 1200, failed: 34, cost: 0.5, backingOff: 3, lastFailure: "HTTP 500: ".padEnd(300, "x") },
      { total: 123_456, leftMs: 754_000 },
    );
    const line = progressLine(status, columns);
    expect(line).toMatch(/^█?░+ 1,234\/123,456 rows · 13 min left · \$0\.50/);
    expect(line.length).toBeLessThan(columns);
  });

  it("the line of progress counts answers that cannot be used as failed, and tells no time left while it stops", () => {
    const status = statusOf(
      { completed: 100, failed: 1, inFlight: 7 },
      { total: 200, seconds: 60, leftMs: 754_000, unusable: 3, isStopping: true },
    );
    expect(describeProgress(status)).toMatch(/^101\/200 rows · stopping · \$0\.00 of \$2\.00 · 4 failed · /);
  });

  it("the line of progress says row of one, where the number of all is not known", () => {
    expect(describeProgress(statusOf({ completed: 1 }))).toMatch(/^1 row · /);
  });

  it("progress names a short wait where nothing is in flight, so that no line is without a reason", () => {
    const wait = { kind: "limit", ms: 400, source: "refusal", limit: undefined } as const;
    const waits = [{ ...wait, message: "HTTP 429: slow down", member: undefined }] as const;
    expect(describeProgress(statusOf({ waits, waiting: 4 }))).toMatch(
      /^0 rows · \$0\.00 of \$2\.00 · waiting until .* \(1 s\): a rate limit, the server says: "HTTP 429: slow down" · 0\/min · 0 in flight/,
    );
    expect(describeProgress(statusOf({ waits, waiting: 4, inFlight: 1 }))).toMatch(
      /^0 rows · \$0\.00 of \$2\.00 · 0\/min · 1 in flight/,
    );
  });

  it("progress tells what is waited for, who is asked again, and what was paid before a run was resumed", () => {
    const now = {
      usage: { ...NO_USAGE, inputTokens: 1200, outputTokens: 34 },
      cost: 0.5,
    };
    expect(describeProgress(statusOf(now))).toBe(
      "0 rows · $0.50 of $2.00 · 0/min · 0 in flight · 1,234 tokens",
    );
    const waits = [
      { kind: "outage", ms: 60_000, isLoading: false, message: "HTTP 502: Bad gateway" },
    ] as const;
    const troubled = {
      ...now,
      waits,
      waiting: 4,
      backingOff: 3,
      lastFailure: `HTTP 500: ${"x".repeat(100)}`,
    };
    expect(describeProgress(statusOf(troubled))).toMatch(
      /^0 rows · \$0\.50 of \$2\.00 · waiting for the server, until .* · 0\/min · 0 in flight · 4 waiting · 3 to be asked again after: HTTP 500: x{69}… · 1,234 tokens/,
    );
    const hostile = { ...troubled, lastFailure: "HTTP 500: \u001b[2J\u001b]0;title\u0007\nrm -rf" };
    expect(describeProgress(statusOf(hostile))).not.toMatch(/\p{Cc}/u);
    const paidBefore = { usage: { ...NO_USAGE, inputTokens: 5000, outputTokens: 600 }, cost: 1.25 };
    expect(describeProgress(statusOf({ ...now, paidBefore, reused: 30, completed: 30 }))).toBe(
      "30 rows · $0.50 ($1.25 before) of $2.00 · 0/min · 0 in flight · 30 from the journal · 1,234 tokens (5,600 before)",
    );
  });
});
