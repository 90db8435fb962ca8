import type { BatchLimits } from "@parallel-parrot/providers";
import { describe, expect, it } from "vitest";
import { planBatches } from "../../index.ts";

const LIMITS: BatchLimits = { maxRequests: 50_000, maxBytes: 200_000_000, queue: "inputTokens" };
const work = (
  requests: number,
  { bytes = 1000, inputTokens = 100 } = {},
): Parameters<typeof planBatches>[1] => ({
  rows: requests,
  requests,
  bytes: requests * bytes,
  inputTokens: requests * inputTokens,
});

describe("planBatches", () => {
  it.each([
    [0, 0],
    [100, 0],
    [101, 1],
    [20_000, 1],
    [20_001, 2],
    [40_000, 2],
    [1_000_000, 50],
  ])("plans for %i requests %i jobs of up to 20,000 requests", (requests, jobs) => {
    expect(planBatches(LIMITS, work(requests))).toEqual({ jobs, atOnce: jobs });
  });

  it("asks half a percent of many rows directly, and every number of requests through jobs with tail: never", () => {
    const few = { ...work(4000), rows: 1_000_000 };
    expect(planBatches(LIMITS, few).jobs).toBe(0);
    expect(planBatches(LIMITS, few, { tail: "never" }).jobs).toBe(1);
    expect(planBatches({ ...LIMITS, minRequests: 5000 }, few, { tail: "never" }).jobs).toBe(0);
  });

  it("cuts jobs by bytes, and by the limits that are given", () => {
    expect(planBatches(LIMITS, work(10_000, { bytes: 25_000 })).jobs).toBe(3);
    expect(planBatches(LIMITS, work(10_000), { maxRequests: 2500 }).jobs).toBe(4);
    expect(planBatches(LIMITS, work(10_000), { maxBytes: 1_000_000 }).jobs).toBe(10);
  });

  it("tells how many jobs a queue holds at once, and cuts no job that is larger than the queue", () => {
    const options = { queueLimit: 5_000_000 };
    expect(planBatches(LIMITS, work(100_000), options)).toEqual({ jobs: 5, atOnce: 2 });
    expect(planBatches(LIMITS, work(100_000), { queueLimit: 100_000 })).toEqual({ jobs: 112, atOnce: 1 });
    expect(planBatches(LIMITS, work(100_000), { queueLimit: 1e9 })).toEqual({ jobs: 5, atOnce: 5 });
    expect(planBatches({ ...LIMITS, queue: "requests" }, work(100_000), { queueLimit: 50_000 })).toEqual({
      jobs: 5,
      atOnce: 2,
    });
    expect(planBatches({ ...LIMITS, queue: "none" }, work(100_000), options)).toEqual({ jobs: 5, atOnce: 5 });
  });
});
