import { NO_USAGE } from "@parallel-parrot/core";
import { openai } from "@parallel-parrot/providers";
import { completionStream } from "@parallel-parrot/transport";
import { describe, expect, it } from "vitest";
import { describeProgress } from "./progress.ts";

describe("describeProgress", () => {
  const stage = completionStream(openai({ model: "m", baseUrl: "http://localhost:1/v1" }), {
    price: { input: 1, output: 2 },
    budget: { maxCost: 2 },
    maxTokens: 10,
  });

  it("progress names a short wait where nothing is in flight, so that no line is without a reason", () => {
    const wait = { kind: "limit", ms: 400, source: "refusal", limit: undefined } as const;
    const waits = [{ ...wait, message: "HTTP 429: slow down", member: undefined }] as const;
    const now = { ...stage.progress(), waits, waiting: 4 };
    expect(describeProgress(now, 1)).toMatch(
      /^0\/min · waiting until .* \(1 s\): a rate limit, the server says: "HTTP 429: slow down" · 0 in flight/,
    );
    expect(describeProgress({ ...now, inFlight: 1 }, 1)).toMatch(/^0\/min · 1 in flight/);
  });

  it("progress tells what is waited for, who is asked again, and what was paid before a run was resumed", () => {
    const now = {
      ...stage.progress(),
      usage: { ...NO_USAGE, inputTokens: 1200, outputTokens: 34 },
      cost: 0.5,
    };
    expect(describeProgress(now, 1)).toBe("0/min · 0 in flight · 1,234 tokens · $0.50 of $2.00");
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
    expect(describeProgress(troubled, 1)).toMatch(
      /^0\/min · waiting for the server, until .* · 0 in flight · 4 waiting · 3 to be asked again after: HTTP 500: x{69}… · 1,234 tokens/,
    );
    const hostile = { ...troubled, lastFailure: "HTTP 500: \u001b[2J\u001b]0;title\u0007\nrm -rf" };
    expect(describeProgress(hostile, 1)).not.toMatch(/\p{Cc}/u);
    const paidBefore = { usage: { ...NO_USAGE, inputTokens: 5000, outputTokens: 600 }, cost: 1.25 };
    expect(describeProgress({ ...now, paidBefore, reused: 30, completed: 30 }, 1)).toBe(
      "0/min · 0 in flight · 30 from the journal · 1,234 tokens (5,600 before) · $0.50 ($1.25 before) of $2.00",
    );
  });
});
