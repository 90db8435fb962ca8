import { describe, expect, it } from "vitest";
import type { LimitWait, RunWait } from "@parallel-parrot/transport";
import { describeWait, isWorthTelling } from "./describe-wait.ts";
import { WaitTeller } from "./wait-teller.ts";

const NOON = new Date(2026, 10, 30, 13, 58);
const PER_DAY = { dimension: "tokens", windowMs: 86_400_000 } as const;

function limitWait(ms: number, more: Partial<LimitWait> = {}): LimitWait {
  return {
    kind: "limit",
    ms,
    source: "refusal",
    limit: PER_DAY,
    message: undefined,
    member: undefined,
    ...more,
  };
}

describe("describeWait", () => {
  it.each<[RunWait, string]>([
    [
      limitWait(540_000, { message: "Please try again in 9m" }),
      'waiting until 14:07 (9 min): tokens per day, the server says: "Please try again in 9m"',
    ],
    [limitWait(30_000, { limit: undefined }), "waiting until 13:58 (30 s): a rate limit"],
    [
      limitWait(13 * 3_600_000, { source: "told", limit: { ...PER_DAY, limit: 5000 } }),
      "waiting until 2026-12-01 02:58 (13 h 0 min): 5,000 tokens per day, as you set it",
    ],
    [
      limitWait(9000, { member: "own GPUs", source: "learned" }),
      "own GPUs waiting until 13:58 (9 s): tokens per day",
    ],
    [
      limitWait(250, { source: "unreachable", limit: undefined, message: "The database does not answer" }),
      "waiting until the shared limit can be asked again: The database does not answer",
    ],
    [
      { kind: "budget", option: "budget.maxCost", next: 0.0525, holders: 1, sinceMs: 9000 },
      "held back by --max-cost, 1 at once: each request sets aside up to $0.0525, the most that it may take; a lower --max-tokens makes that less",
    ],
    [
      { kind: "budget", option: "budget.maxTokens", next: 4096, holders: 1200, sinceMs: 9000 },
      "held back by --max-total-tokens, 1,200 at once: each request sets aside up to 4,096 tokens, the most that it may take; a lower --max-tokens makes that less",
    ],
    [
      { kind: "budget", option: "budget.maxRequests", next: 1, holders: 3, sinceMs: 9000 },
      "held back by --max-requests, 3 at once: it has room for no more requests",
    ],
    [
      { kind: "outage", ms: 900_000, isLoading: false, message: "HTTP 502: Bad gateway" },
      'waiting for the server, until 14:13 (15 min) at most (--max-outage), the last failure: "HTTP 502: Bad gateway"',
    ],
    [
      { kind: "outage", ms: 900_000, isLoading: true, message: "Loading model" },
      'waiting for the server to load its model, until 14:13 (15 min) at most (--max-outage), the last failure: "Loading model"',
    ],
    [
      { kind: "answer", sinceMs: 300_000, ms: 600_000, slowestMs: 2000 },
      "waiting for an answer since 5 min, until 14:08 (10 min) at most (--timeout); others took 2 s at most",
    ],
    [
      { kind: "check", sinceMs: 2000, ms: 600_000 },
      "asking a row again that was answered before, as the server refused another: its answer tells whether the run can go on, until 14:08 (10 min) at most (--max-outage)",
    ],
  ])("describeWait says until when, for what, and what the server says: %j", (wait, words) => {
    expect(describeWait(wait, 100, NOON)).toBe(words);
  });

  it("describeWait shortens what the server says", () => {
    const wait = limitWait(60_000, { message: "x".repeat(50) });
    expect(describeWait(wait, 10, NOON)).toContain(`the server says: "${"x".repeat(9)}…"`);
  });
});

describe("isWorthTelling", () => {
  it("isWorthTelling leaves out a check that is over within a second, as nearly all are", () => {
    expect(isWorthTelling({ kind: "check", sinceMs: 300, ms: 900_000 })).toBe(false);
    expect(isWorthTelling({ kind: "check", sinceMs: 1500, ms: 900_000 })).toBe(true);
  });
});

describe("WaitTeller", () => {
  it("WaitTeller tells each reason once, and again where it takes longer; not the pace at a limit", () => {
    const said: string[] = [];
    const teller = new WaitTeller((line) => said.push(line));
    teller.look([limitWait(600, { source: "learned" })], 0);
    expect(said).toHaveLength(0);
    teller.look([limitWait(10_000)], 0);
    teller.look([limitWait(9000)], 1000);
    teller.look([limitWait(20_000)], 10_000);
    expect(said).toHaveLength(1);
    teller.look([limitWait(20_000)], 30_000);
    expect(said).toHaveLength(2);
    teller.look(
      [
        limitWait(10_000, { limit: undefined }),
        { kind: "outage", ms: 0, isLoading: false, message: undefined },
      ],
      31_000,
    );
    expect(said).toHaveLength(4);
  });
});
