import {
  array,
  assert,
  asyncProperty,
  constant,
  constantFrom,
  double,
  integer,
  nat,
  oneof,
  record,
  type Arbitrary,
} from "fast-check";
import { describe, expect, it } from "vitest";
import { createBudget, type Budget, type BudgetLimits, type Reservation, type Spending } from "../index.ts";

const spending = (amounts: Partial<Spending>): Spending => ({ requests: 1, tokens: 0, cost: 0, ...amounts });

/** Lets promises settle. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const taken = ({ state: { spent, reserved, lost } }: Budget, name: keyof Spending): number =>
  spent[name] + reserved[name] + lost[name];

describe("createBudget", () => {
  it("a budget sets aside the most that a request can take, and gives back what it did not use", async () => {
    const budget = createBudget({ maxCost: 1 });
    const reservation = await budget.reserve(spending({ tokens: 900, cost: 0.9 }));
    expect(budget.state.reserved).toEqual({ requests: 1, tokens: 900, cost: 0.9 });
    reservation.settle(spending({ tokens: 100, cost: 0.1 }));
    reservation.lose();
    expect(budget.state.reserved).toEqual({ requests: 0, tokens: 0, cost: 0 });
    expect(budget.state.spent).toEqual({ requests: 1, tokens: 100, cost: 0.1 });
    expect(budget.state.lost).toEqual({ requests: 0, tokens: 0, cost: 0 });
  });

  it("a budget counts money exactly: a thousand times a tenth of a cent is a dollar", async () => {
    const budget = createBudget({ maxCost: 1 });
    for (let count = 0; count < 1000; count++) {
      (await budget.reserve(spending({ cost: 0.001 }))).settle(spending({ cost: 0.001 }));
    }
    expect(budget.state.spent.cost).toBe(1);
    await expect(budget.reserve(spending({ cost: 1e-12 }))).rejects.toMatchObject({
      code: "BUDGET_EXHAUSTED",
    });
  });

  it("a budget lets a request wait until others settle where it may fit then, and lets no later one overtake it", async () => {
    const budget = createBudget({ maxTokens: 100 });
    const first = await budget.reserve(spending({ tokens: 90 }));
    const order: string[] = [];
    const big = budget.reserve(spending({ tokens: 50 })).then(() => order.push("big"));
    const small = budget.reserve(spending({ tokens: 5 })).then(() => order.push("small"));
    await settled();
    expect([order, budget.waiting]).toEqual([[], 2]);
    first.settle(spending({ tokens: 40 }));
    await Promise.all([big, small]);
    expect([order, budget.waiting]).toEqual([["big", "small"], 0]);
  });

  it("a budget refuses a request that cannot fit even with nothing in flight, and says what was spent and what to do", async () => {
    const budget = createBudget({ maxCost: 5, maxTokens: 1_000_000 });
    (await budget.reserve(spending({ cost: 4.5 }))).settle(spending({ cost: 4.5 }));
    (await budget.reserve(spending({ cost: 0.25 }))).lose();
    await expect(budget.reserve(spending({ cost: 0.5 }))).rejects.toMatchObject({
      code: "BUDGET_EXHAUSTED",
      option: "budget.maxCost",
      message:
        "The budget is used up: $4.50 of budget.maxCost $5.00 spent, $0.25 set aside for requests whose answers were lost, and the next request may take $0.50. Raise budget.maxCost to go on, or lower maxTokens, as each request sets aside the most that its answer may cost",
    });
    await expect(budget.reserve(spending({ tokens: 2_000_000 }))).rejects.toThrow(
      "0 tokens of budget.maxTokens 1,000,000 tokens spent, and the next request may take 2,000,000 tokens",
    );
    expect(await budget.reserve(spending({ cost: 0.25 }))).toBeDefined();
  });

  it("a budget lets nothing more go after a server took more than was set aside for its request", async () => {
    const budget = createBudget({ maxTokens: 100 });
    (await budget.reserve(spending({ tokens: 50 }))).settle(spending({ tokens: 120 }));
    expect(budget.state.spent.tokens).toBe(120);
    await expect(budget.reserve(spending({ tokens: 1 }))).rejects.toMatchObject({ code: "BUDGET_EXHAUSTED" });
  });

  it("a budget lets an aborted request leave its queue, and serves those behind it", async () => {
    const budget = createBudget({ maxTokens: 100 });
    await budget.reserve(spending({ tokens: 60 }));
    const stop = new AbortController();
    const waiting = budget.reserve(spending({ tokens: 50 }), { signal: stop.signal });
    const behind = budget.reserve(spending({ tokens: 40 }));
    stop.abort("enough");
    await expect(waiting).rejects.toBe("enough");
    await behind;
    expect([budget.waiting, taken(budget, "tokens")]).toEqual([0, 100]);
    await expect(budget.reserve(spending({}), { signal: stop.signal })).rejects.toBe("enough");
  });

  it("a budget sets aside at once what fits, but not before others that wait, unless it takes nothing that is limited", async () => {
    const budget = createBudget({ maxCost: 1 });
    const first = budget.tryReserve(spending({ cost: 0.6 }));
    expect(budget.tryReserve(spending({ cost: 0.6 }))).toBeUndefined();
    const waiting = budget.reserve(spending({ cost: 0.6 }));
    expect(budget.tryReserve(spending({ cost: 0.1 }))).toBeUndefined();
    expect(budget.tryReserve(spending({ tokens: 1000 }))).toBeDefined();
    first?.settle(spending({ cost: 0.4 }));
    (await waiting).settle(spending({ cost: 0.5 }));
    expect(() => budget.tryReserve(spending({ cost: 0.2 }))).toThrow("The budget is used up");
    expect(budget.tryReserve(spending({ cost: 0.1 }))).toBeDefined();
    expect(budget.state.spent.cost).toBe(0.9);
  });

  it.each<[BudgetLimits, string]>([
    [{ maxCost: 0 }, "budget.maxCost"],
    [{ maxCost: Number.NaN }, "budget.maxCost"],
    [{ maxTokens: 1.5 }, "budget.maxTokens"],
    [{ maxRequests: -1 }, "budget.maxRequests"],
  ])("createBudget refuses the budget limits %o", (limits, option) => {
    expect(() => createBudget(limits)).toThrow(`Cannot use the option ${option}: expected`);
  });
});

type Step =
  | { readonly kind: "reserve"; readonly worst: number; readonly share: number }
  | { readonly kind: "settle" | "refund" | "lose" | "abort"; readonly pick: number };

const step: Arbitrary<Step> = oneof(
  {
    weight: 3,
    arbitrary: record({
      kind: constant("reserve" as const),
      worst: integer({ min: 1, max: 60 }),
      share: double({ min: 0, max: 1, noNaN: true }),
    }),
  },
  {
    weight: 4,
    arbitrary: record({
      kind: constantFrom("settle", "settle", "refund", "lose", "abort"),
      pick: nat(),
    }),
  },
);

describe("a budget under any interleaving", () => {
  it("a budget never takes more than its limits, serves in order, and leaves nothing set aside", async () => {
    expect.hasAssertions();
    await assert(
      asyncProperty(array(step, { maxLength: 60 }), integer({ min: 60, max: 200 }), async (steps, limit) => {
        const run = createRun(limit);
        for (const one of steps) {
          run.take(one);
          await settled();
          run.check();
        }
        await run.finish();
      }),
      { numRuns: 300 },
    );
  });
});

/** Drives a budget and knows independently what must be true of it. */
function createRun(limit: number) {
  const budget = createBudget({ maxCost: limit, maxTokens: limit, maxRequests: 40 });
  const open: { readonly reservation: Reservation; readonly actual: number }[] = [];
  const waiting = new Map<number, AbortController>();
  const admitted: number[] = [];
  let arrivals = 0;

  async function reserve(worst: number, actual: number): Promise<void> {
    const arrival = arrivals++;
    const stop = new AbortController();
    waiting.set(arrival, stop);
    try {
      const amounts = { requests: 1, tokens: worst, cost: worst };
      const reservation = await budget.reserve(amounts, { signal: stop.signal });
      admitted.push(arrival);
      open.push({ reservation, actual });
    } catch {
      // Aborted, or it can never fit: nothing may be left of it.
    }
    waiting.delete(arrival);
  }

  function end(how: "settle" | "refund" | "lose", pick: number): void {
    const [ended] = open.splice(pick % Math.max(1, open.length), 1);
    if (ended === undefined) return;
    const { reservation, actual } = ended;
    if (how === "settle") reservation.settle({ requests: 1, tokens: actual, cost: actual });
    else reservation[how]();
    // A second word on the same request must change nothing.
    reservation.refund();
    reservation.lose();
  }

  return {
    take(one: Step) {
      if (one.kind === "reserve") void reserve(one.worst, Math.floor(one.worst * one.share));
      else if (one.kind === "abort")
        [...waiting.values()][one.pick % Math.max(1, waiting.size)]?.abort("abort");
      else end(one.kind, one.pick);
    },
    check() {
      expect(taken(budget, "cost")).toBeLessThanOrEqual(limit);
      expect(taken(budget, "tokens")).toBeLessThanOrEqual(limit);
      expect(taken(budget, "requests")).toBeLessThanOrEqual(40);
      expect(budget.state.reserved.requests).toBe(open.length);
      expect(budget.waiting).toBe(waiting.size);
      expect(admitted).toEqual(admitted.toSorted((a, b) => a - b));
      // Whoever is first waits only for requests in flight.
      expect(open.length === 0 && budget.waiting > 0).toBe(false);
    },
    async finish() {
      while (open.length > 0 || waiting.size > 0) {
        end("settle", 0);
        await settled();
      }
      expect(budget.state.reserved).toEqual({ requests: 0, tokens: 0, cost: 0 });
      expect(budget.waiting).toBe(0);
    },
  };
}
