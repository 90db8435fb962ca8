import { describe, expect, it } from "vitest";
import type { Outcome } from "../../errors/outcome.ts";
import type { Admission } from "../../request/lease.ts";
import { createCircuitBreaker, type CircuitBreaker } from "./circuit-breaker.ts";
import { createVirtualClock, type VirtualClock } from "@parallel-parrot/limiter";

interface Parts {
  readonly clock: VirtualClock;
  readonly breaker: CircuitBreaker;
  /** What was let through, such as `probe 3` for row 3. */
  readonly log: string[];
  /** Row `index` asks for leave; what it is let through for, it reports as `outcome`. */
  readonly ask: (index: number, outcome?: (kind: string) => Outcome) => Promise<void>;
  readonly fail: (count: number, from?: number) => void;
}

const never = new AbortController().signal;

function setup({ maxOutageMs = 900_000, canCheck = true, answered = true } = {}): Parts {
  const clock = createVirtualClock();
  const breaker = createCircuitBreaker({
    clock,
    maxOutageMs,
    server: "http://127.0.0.1:1/v1",
    canCheck: () => canCheck,
  });
  const rows = Array.from({ length: 2000 }, (_, index) => ({ index }));
  const rowAt = (index: number): object => rows[index] ?? {};
  const log: string[] = [];
  if (answered) breaker.report({}, "alive", undefined);
  return {
    clock,
    breaker,
    log,
    async ask(index, outcome) {
      const ticket = await breaker.enter(rowAt(index), never);
      log.push(`${ticket.kind} ${index}`);
      if (outcome !== undefined) breaker.report(rowAt(index), outcome(ticket.kind), ticket, "HTTP 500");
    },
    fail(count, from = 0) {
      for (let index = from; index < from + count; index++)
        breaker.report(rowAt(index), "failed", undefined, "HTTP 500");
    },
  };
}

/** Row `index` asks again and again as long as the server is down. */
async function insist(parts: Parts, index: number, isDown: () => boolean): Promise<void> {
  let isAnswered = false;
  while (!isAnswered) {
    await parts.ask(index, (kind) => {
      if (isDown()) return "failed";
      isAnswered = kind !== "check";
      return "alive";
    });
  }
}

describe("createCircuitBreaker", () => {
  it("the circuit breaker opens when twenty rows fail and none is answered, but not by many attempts of fewer rows", async () => {
    const { breaker, fail, clock } = setup();
    for (let attempt = 0; attempt < 10; attempt++) fail(19);
    expect(breaker.isClosed).toBe(true);
    await clock.advance(1);
    fail(1, 19);
    expect(breaker.isOpen).toBe(true);
  });

  it("the circuit breaker stays closed as long as most rows are answered", () => {
    const { breaker, fail } = setup();
    for (let index = 0; index < 1000; index++) {
      fail(1, index);
      breaker.report({}, "alive", undefined);
      if (index % 2 === 0) breaker.report({}, "alive", undefined);
    }
    expect(breaker.isClosed).toBe(true);
  });

  it("an open circuit breaker lets one request go every five seconds, and all others wait", async () => {
    const parts = setup();
    parts.fail(20);
    let isDown = true;
    const asking = Array.from({ length: 50 }, (_, index) => insist(parts, index, () => isDown));
    await parts.clock.advance(600_000);
    expect(parts.log.length).toBeLessThanOrEqual(121);
    expect(parts.log.length).toBeGreaterThan(100);
    expect(parts.log.slice(0, 4)).toEqual(["check 0", "probe 1", "probe 2", "check 3"]);
    // Probes go round.
    expect(new Set(parts.log.slice(0, 50)).size).toBe(50);

    isDown = false;
    await parts.clock.advance(6000);
    await Promise.all(asking);
    expect(parts.breaker).toMatchObject({ isClosed: true, outages: 1 });
    expect(parts.clock.pendingTimers).toBe(0);
  });

  it("the circuit breaker takes the rows to be at fault when the server answers again what it answered before", async () => {
    const parts = setup();
    parts.fail(20);
    const asking = parts.ask(0, () => "alive");
    await parts.clock.advance(0);
    await asking;
    expect(parts.log).toEqual(["check 0"]);
    expect(parts.breaker).toMatchObject({ isClosed: true, outages: 0 });
    // The same rows do not open it again.
    parts.fail(20);
    parts.fail(19, 20);
    expect(parts.breaker.isClosed).toBe(true);
  });

  it("the circuit breaker opens again for the same rows after a real outage", async () => {
    const parts = setup();
    parts.fail(20);
    let isDown = true;
    const asking = insist(parts, 0, () => isDown);
    await parts.clock.advance(20_000);
    isDown = false;
    await parts.clock.advance(6000);
    await asking;
    parts.fail(20);
    expect(parts.breaker.isOpen).toBe(true);
  });

  it("after an outage the circuit breaker lets twice as many rows through with each round trip", async () => {
    const { breaker, clock, fail } = setup();
    fail(20);
    breaker.report({}, "failed", await breaker.enter({}, never));
    const tickets: Admission[] = [];
    for (let index = 0; index < 101; index++)
      void breaker.enter({}, never).then((ticket) => tickets.push(ticket));
    await clock.advance(5500);
    expect(tickets.map(({ kind }) => kind)).toEqual(["probe"]);
    const sizes: number[] = [];
    for (let done = 0; tickets.length < 101; sizes.push(tickets.length - done)) {
      const round = tickets.slice(done);
      done = tickets.length;
      for (const ticket of round) breaker.report({}, "alive", ticket);
      await clock.advance(0);
    }
    expect(sizes).toEqual([4, 8, 16, 32, 40]);
    expect(breaker).toMatchObject({ isClosed: true, outages: 1 });
    expect(clock.pendingTimers).toBe(0);
  });

  it("the circuit breaker opens when a row cannot reach the server three times in a row and nothing else is answered", async () => {
    const { breaker, clock } = setup();
    const row = {};
    for (let attempt = 0; attempt < 2; attempt++) {
      await clock.advance(1);
      breaker.report(row, "unreached", undefined);
    }
    breaker.report({}, "alive", undefined);
    breaker.report(row, "unreached", undefined);
    expect(breaker.isClosed).toBe(true);
    const last = {};
    await clock.advance(1);
    for (let attempt = 0; attempt < 3; attempt++) breaker.report(last, "unreached", undefined);
    expect(breaker.isOpen).toBe(true);
  });

  it("the circuit breaker stays closed until the server has answered something", async () => {
    const { breaker, fail, clock } = setup({ answered: false });
    const row = {};
    for (let attempt = 0; attempt < 5; attempt++) {
      await clock.advance(10_000);
      breaker.report(row, "unreached", undefined);
    }
    fail(100);
    expect(breaker.isClosed).toBe(true);
    expect(breaker.suspect(row)).toBe(false);
  });

  it("a row that has used its attempts makes the circuit breaker suspect an outage only when nothing was answered for a while", async () => {
    const { breaker, clock } = setup();
    const row = {};
    await clock.advance(1);
    breaker.report(row, "failed", undefined);
    await clock.advance(4999);
    expect(breaker.suspect(row)).toBe(false);
    await clock.advance(1);
    breaker.report({}, "alive", undefined);
    expect(breaker.suspect(row)).toBe(false);
    const other = {};
    await clock.advance(1);
    breaker.report(other, "failed", undefined);
    await clock.advance(5000);
    expect(breaker.suspect(other)).toBe(true);
    expect(breaker.isOpen).toBe(true);
  });

  it("the circuit breaker gives up after maxOutageMs, with one error for all rows that wait or come later", async () => {
    const parts = setup({ maxOutageMs: 60_000, canCheck: false });
    parts.fail(20);
    const asking = Array.from({ length: 3 }, (_, index) => insist(parts, index, () => true));
    const outcomes = Promise.allSettled(asking);
    await parts.clock.advance(60_000);
    const error = {
      code: "OUTAGE",
      message: expect.stringMatching(/127\.0\.0\.1:1.* 60 s.*maxOutageMs.*HTTP 500/),
    };
    expect((await outcomes).map((one) => one.status === "rejected" && one.reason)).toEqual(
      Array.from({ length: 3 }, () => expect.objectContaining(error)),
    );
    await expect(parts.breaker.enter({}, never)).rejects.toMatchObject(error);
    expect(parts.breaker.isStopped).toBe(true);
    expect(parts.clock.pendingTimers).toBe(0);
  });

  it("an open circuit breaker holds back requests that wait in other queues, and earlier admissions are void", async () => {
    const { breaker, fail, clock } = setup();
    expect(breaker.admits(undefined)).toBe(true);
    fail(20);
    expect(breaker.admits(undefined)).toBe(false);
    const ticket = await breaker.enter({}, never);
    expect(breaker.admits(ticket)).toBe(true);
    breaker.report({}, "alive", ticket);
    fail(20, 100);
    expect(breaker.isOpen).toBe(true);
    expect(breaker.admits(ticket)).toBe(false);
    // An answer to a request of before does not end the new one.
    breaker.report({}, "alive", ticket);
    expect(breaker.isOpen).toBe(true);
    await clock.advance(0);
  });

  it("the circuit breaker makes up for a probe that was cut short, and leaves no timer behind rows that gave up", async () => {
    const { breaker, fail, clock } = setup();
    fail(20);
    const first = await breaker.enter({}, never);
    const abort = new AbortController();
    const second = breaker.enter({}, abort.signal);
    breaker.report({}, "nothing", first);
    await expect(second).resolves.toMatchObject({ kind: "check" });
    const third = breaker.enter({}, abort.signal);
    expect(clock.pendingTimers).toBe(1);
    abort.abort(new Error("enough"));
    await expect(third).rejects.toThrow("enough");
    await expect(breaker.enter({}, abort.signal)).rejects.toThrow("enough");
    expect(clock.pendingTimers).toBe(0);
  });

  it("a refusal opens the circuit breaker, which asks again what was answered before, and only an answer closes it", async () => {
    const { breaker, clock } = setup();
    breaker.doubt();
    const check = await breaker.enter({}, never);
    expect(check.kind).toBe("check");
    // Nothing says yet that the server is away.
    expect(breaker.wait).toMatchObject({ kind: "check", sinceMs: 0 });
    breaker.report({}, "alive", check);
    expect(breaker.isOpen).toBe(true);
    const probe = breaker.enter({}, never);
    await clock.advance(5500);
    breaker.report({}, "answered", await probe);
    expect(breaker).toMatchObject({ isClosed: true, outages: 0 });
    expect(clock.pendingTimers).toBe(0);
  });

  it("a check that is refused is believed after a refused row at once, and in an outage only the second time", async () => {
    const { breaker, fail } = setup();
    breaker.doubt();
    expect(breaker.isCheckBelieved()).toBe(true);
    breaker.report({}, "answered", await breaker.enter({}, never));
    fail(20);
    await breaker.enter({}, never);
    expect(breaker.isCheckBelieved()).toBe(false);
    await expect(breaker.enter({}, never)).resolves.toMatchObject({ kind: "check" });
    expect(breaker.isCheckBelieved()).toBe(true);
  });
});
