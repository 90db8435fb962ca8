import { NO_USAGE } from "@parallel-parrot/core";
import type { EventRow, RunEvent } from "@parallel-parrot/transport";
import { expect, it } from "vitest";
import { describeEvent } from "./describe-event.ts";

const whose = { time: 0, run: { id: 1, provider: "openai", model: "sim" } };
const server = { ...whose, provider: "openai", model: "sim" };
const rowAt = (index: number): EventRow => ({ index, attempts: 1, attemptsBefore: 0, usage: NO_USAGE });
const wait = (rows: readonly EventRow[], durationMs: number): RunEvent => ({
  ...whose,
  type: "wait",
  row: rows[0] ?? rowAt(0),
  rows,
  reason: "limit",
  durationMs,
});
const limit = { dimension: "requests", windowMs: 60_000, limit: 6000, remaining: 1, use: 0 } as const;

it.each<[line: string | undefined, event: RunEvent]>([
  [
    "row 4 in step judge: asked again (2 times), as the answer cannot be used: It is no haiku",
    { ...whose, type: "reask", row: rowAt(3), number: 2, problem: "It is no haiku" },
  ],
  [undefined, wait([rowAt(3)], 999)],
  ["row 4 in step judge: waited 2.5 s for its turn at the rate limit", wait([rowAt(3)], 2500)],
  [
    "rows 1, 2, 3, 4, 5 and 2 more in step judge: waited 2.5 s for its turn at the rate limit",
    wait(
      Array.from({ length: 7 }, (_, index) => rowAt(index)),
      2500,
    ),
  ],
  [
    "a request that belongs to no row in step judge: waited 2.5 s for its turn at the rate limit",
    wait([], 2500),
  ],
  ["openai/sim: limits are 6,000 requests per minute", { ...server, type: "limit", limits: [limit] }],
  [
    "openai/sim: at most 8 requests at a time instead of 16, and 300 requests a minute, as its refusals have shown",
    {
      ...server,
      type: "cut",
      concurrency: 8,
      concurrencyBefore: 16,
      perMinute: 300,
      perMinuteBefore: undefined,
    },
  ],
  [
    "openai/sim at http://example.com: seems to be away, and gets a request every few seconds only: refused",
    {
      ...server,
      type: "breaker",
      state: "open",
      baseUrl: "http://user:secret@example.com/v1?key=secret",
      message: "refused",
    },
  ],
])("an event is said as %s", (line, event) => {
  expect(describeEvent(event, { step: "judge" })).toBe(line);
});
