import { describe, expect, it } from "vitest";
import { createVirtualClock } from "@parallel-parrot/limiter";
import type { Rejection } from "@parallel-parrot/providers";
import { RejectionError } from "../errors/rejection-error.ts";
import { sleep } from "../waiting/sleep.ts";
import { retryAfter } from "./retry.ts";

const failing: Rejection = { verdict: "retry", code: "SERVER_ERROR", message: "HTTP 500" };
const throttled: Rejection = { verdict: "wait", code: "RATE_LIMITED", message: "HTTP 429" };

interface Options {
  readonly maxAttempts?: number;
  readonly outage?: { isOpen: boolean; outages: number };
  readonly forgives?: () => Promise<boolean>;
}

/** Rejects with these, one after the other, then answers; and tells when each attempt was made. */
function retried(rejections: readonly Rejection[], options: Options = {}) {
  const clock = createVirtualClock();
  const at: number[] = [];
  let onAttempt: ((attempt: number) => void) | undefined;
  const attempt = async (): Promise<string> => {
    await Promise.resolve();
    const rejection = rejections[at.length];
    at.push(clock.now());
    onAttempt?.(at.length);
    if (rejection !== undefined) throw new RejectionError(rejection);
    return "answer";
  };
  const result = attempt().catch((error: unknown) =>
    retryAfter(error, attempt, {
      maxAttempts: 3,
      outage: { isOpen: false, outages: 0 },
      backOff: (ms) => sleep(clock, ms, new AbortController().signal),
      forgives: () => Promise.resolve(false),
      ...options,
    }),
  );
  const settled = Promise.allSettled([result]);
  return {
    at,
    clock,
    onAttempt(then: (attempt: number) => void) {
      onAttempt = then;
    },
    async outcome() {
      await clock.advance(3_600_000);
      const [one] = await settled;
      return one.status === "fulfilled" ? one.value : String(one.reason);
    },
  };
}

const times = (count: number, rejection: Rejection): Rejection[] =>
  Array.from({ length: count }, () => rejection);

describe("retryAfter", () => {
  it("retryAfter waits longer each time, at random and up to a limit", async () => {
    const rounds = await Promise.all(
      Array.from({ length: 200 }, async () => {
        const run = retried(times(9, failing), { maxAttempts: 10 });
        expect(await run.outcome()).toBe("answer");
        return run.at.map((time, index) => time - (run.at[index - 1] ?? 0)).slice(1);
      }),
    );
    const ceilings = [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000];
    for (const [step, ceiling] of ceilings.entries()) {
      const waits = rounds.map((waits) => waits[step] ?? Number.NaN);
      expect(Math.max(...waits)).toBeLessThanOrEqual(ceiling);
      expect(Math.max(...waits)).toBeGreaterThan(ceiling * 0.9);
      expect(Math.min(...waits)).toBeLessThan(ceiling * 0.1);
    }
  });

  it("retryAfter waits at least as long as the server asks for", async () => {
    const run = retried([{ ...failing, retryAfterMs: 60_000 }]);
    expect(await run.outcome()).toBe("answer");
    expect(run.at[1]).toBeGreaterThanOrEqual(60_000);
    expect(run.at[1]).toBeLessThanOrEqual(60_500);
  });

  it("retryAfter gives up after its attempts, of which throttled ones do not count", async () => {
    const run = retried([throttled, failing, throttled, throttled, ...times(9, failing)]);
    expect(await run.outcome()).toBe("RejectionError: HTTP 500");
    expect(run.at).toHaveLength(3 + 3);
  });

  it.each(["fail", "stop"] as const)(
    "retryAfter does not try again after the verdict %s",
    async (verdict) => {
      const run = retried([
        verdict === "stop"
          ? { verdict, code: "NO_CREDIT", message: "no" }
          : { verdict, code: "BAD_REQUEST", message: "no" },
      ]);
      expect(await run.outcome()).toBe("RejectionError: no");
      expect(run.at).toHaveLength(1);
    },
  );

  it("retryAfter counts nothing and does not back off while there is an outage", async () => {
    const outage = { isOpen: true, outages: 0 };
    const run = retried(times(20, failing), { outage });
    expect(await run.outcome()).toBe("answer");
    expect(run.at).toEqual(times(21, failing).map(() => 0));
  });

  it("retryAfter forgets failures before an outage that is over", async () => {
    const outage = { isOpen: false, outages: 0 };
    const run = retried(times(9, failing), { outage });
    run.onAttempt((attempt) => {
      if (attempt === 2) outage.outages = 1;
    });
    expect(await run.outcome()).toBe("RejectionError: HTTP 500");
    // One before, then three: the second is the first that counts again.
    expect(run.at).toHaveLength(1 + 3);
  });

  it("retryAfter begins anew where an outage used the attempts up", async () => {
    let asked = 0;
    const run = retried(times(9, failing), { forgives: () => Promise.resolve(++asked === 1) });
    expect(await run.outcome()).toBe("RejectionError: HTTP 500");
    expect(run.at).toHaveLength(3 + 3);
    expect(asked).toBe(2);
  });

  it("retryAfter asks three times where the answer does not come in time, and again after an outage", async () => {
    const late: Rejection = { verdict: "retry", code: "TIMEOUT", message: "No complete answer" };
    const failing = retried(times(20, late), { maxAttempts: 10 });
    expect(await failing.outcome()).toBe("RejectionError: No complete answer");
    expect(failing.at).toHaveLength(3);
    let forgiven = 0;
    const forgives = () => Promise.resolve(forgiven++ < 1);
    const other = retried(times(20, late), { maxAttempts: 10, forgives });
    await other.outcome();
    expect(other.at).toHaveLength(6);
  });
});
