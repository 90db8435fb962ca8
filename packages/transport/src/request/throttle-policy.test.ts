import type { Rejection } from "@parallel-parrot/providers";
import { describe, expect, it } from "vitest";
import { RowContext } from "./row-context.ts";
import { createVirtualClock } from "../index.ts";
import { createThrottlePolicy } from "./throttle-policy.ts";

const REFUSAL: Rejection = { verdict: "wait", code: "RATE_LIMITED", message: "slow down" };

const PERMIT = { throttle: () => undefined };

describe("createThrottlePolicy", () => {
  it("a run stops after maxWaitMs of nothing but throttling, not after a long silence with one refusal", async () => {
    const clock = createVirtualClock();
    const throttlePolicy = createThrottlePolicy(clock, 60_000);
    throttlePolicy.answered();
    await clock.advance(600_000);
    expect(throttlePolicy.judge(REFUSAL, PERMIT, new RowContext(1)).verdict).toBe("wait");
    await clock.advance(59_000);
    expect(throttlePolicy.judge(REFUSAL, PERMIT, new RowContext(1)).verdict).toBe("wait");
    await clock.advance(2000);
    expect(throttlePolicy.judge(REFUSAL, PERMIT, new RowContext(1))).toMatchObject({
      verdict: "stop",
      code: "WAIT_TOO_LONG",
    });
  });

  it("a run waits for the end of the day where the server refuses again after the time that it named", async () => {
    const clock = createVirtualClock();
    const policy = createThrottlePolicy(clock, 86_400_000);
    const waits: unknown[] = [];
    const permit = { throttle: (refusal?: object) => void waits.push(refusal) };
    const limit = { dimension: "requests", windowMs: 86_400_000, limit: 20, resetMs: 30_000_000 } as const;
    const refusal: Rejection = { ...REFUSAL, limit, retryAfterMs: 36_000 };
    policy.judge(refusal, permit, new RowContext(1));
    await clock.advance(100);
    policy.judge(refusal, permit, new RowContext(1));
    await clock.advance(36_000);
    policy.judge(refusal, permit, new RowContext(1));
    policy.answered();
    policy.judge(refusal, permit, new RowContext(1));
    const message = "slow down";
    expect(waits).toEqual([
      { retryAfterMs: 36_000, limit, message },
      { retryAfterMs: 36_000, limit, message },
      { retryAfterMs: 30_000_000, limit, message },
      { retryAfterMs: 36_000, limit, message },
    ]);
    expect(createThrottlePolicy(clock, 1000).judge(refusal, permit, new RowContext(1)).message).toMatch(
      /^slow down\. The limit of 20 requests per day is used up\. The wait would be 36 s\. Run again after /,
    );
  });

  it("a run does not wait longer than maxWaitMs for a passing fault either", () => {
    const throttlePolicy = createThrottlePolicy(createVirtualClock(), 1000);
    const fault: Rejection = {
      verdict: "retry",
      code: "SERVER_ERROR",
      message: "down",
      retryAfterMs: 86_400_000,
    };
    expect(throttlePolicy.judge(fault, PERMIT, new RowContext(1))).toMatchObject({
      verdict: "stop",
      code: "WAIT_TOO_LONG",
    });
    expect(throttlePolicy.judge({ ...fault, retryAfterMs: 500 }, PERMIT, new RowContext(1)).verdict).toBe(
      "retry",
    );
  });

  it("a run fails a row that is throttled again and again while others are answered", () => {
    const throttlePolicy = createThrottlePolicy(createVirtualClock(), 60_000);
    const row = new RowContext(1);
    const verdicts = Array.from({ length: 301 }, () => {
      throttlePolicy.answered();
      return throttlePolicy.judge(REFUSAL, PERMIT, row).verdict;
    });
    expect(verdicts.indexOf("fail")).toBe(300);
    const patient = new RowContext(1);
    for (let i = 0; i < 500; i++) expect(throttlePolicy.judge(REFUSAL, PERMIT, patient).verdict).toBe("wait");
  });
});
