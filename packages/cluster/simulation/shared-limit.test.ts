// @module-tag slow
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startPostgres, type TestPostgres } from "../fixtures/start-postgres.ts";
import { simulateSharedLimit, type SharedScenario } from "./simulate-shared-limit.ts";
import { virtualPostgresLimit, type VirtualPostgresLimit } from "./virtual-postgres-limit.ts";

let postgres: TestPostgres;
let database: VirtualPostgresLimit;

beforeAll(async () => {
  postgres = await startPostgres();
  database = await virtualPostgresLimit(postgres.url);
});

afterAll(async () => {
  await database[Symbol.asyncDispose]();
  await postgres[Symbol.asyncDispose]();
});

const simulate = (scope: string, scenario: Partial<SharedScenario>) =>
  simulateSharedLimit({
    server: "short bucket",
    requestsPerMinute: 6000,
    tokensPerMinute: 1e9,
    members: 1,
    told: 1,
    seconds: 25,
    skipSeconds: 5,
    source: (member, now) => database.member(scope, String(member), now),
    ...scenario,
  });

describe("a limit in PostgreSQL, on a virtual clock", () => {
  it("one limiter uses at least 97 % of a limit in PostgreSQL, and next to nothing is refused", async () => {
    const { use, refused } = await simulate("one", {});
    expect(use).toBeGreaterThan(0.97);
    expect(refused).toBeLessThan(0.005);
  });

  it("four limiters together use at least 97 % of a limit of tokens at a sliding minute, next to nothing is refused, and each gets its share", async () => {
    const { use, refused, sent } = await simulate("four", {
      server: "sliding minute",
      requestsPerMinute: 12_000,
      tokensPerMinute: 4_800_000,
      members: 4,
      seconds: 65,
    });
    expect(use).toBeGreaterThan(0.97);
    expect(refused).toBeLessThan(0.005);
    expect(Math.max(...sent) / Math.min(...sent)).toBeLessThan(2);
  });

  it("four limiters that were told twice the limit of a bucket find the rate by what is refused to any of them", async () => {
    const { use, refused } = await simulate("twice", { members: 4, told: 2, seconds: 40, skipSeconds: 15 });
    expect(use).toBeGreaterThan(0.75);
    expect(refused).toBeLessThan(0.03);
  });

  it("six limiters that share a limit of a few requests a minute use it, one at a time", async () => {
    const { use, refused, sent } = await simulate("few", {
      server: "sliding minute",
      requestsPerMinute: 30,
      members: 6,
      seconds: 65,
      skipSeconds: 5,
    });
    expect(use).toBeGreaterThan(0.95);
    expect(refused).toBe(0);
    expect(sent.reduce((sum, count) => sum + count)).toBeGreaterThan(20);
  });
});
