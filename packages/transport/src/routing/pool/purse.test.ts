import { describe, expect, it } from "vitest";
import { createBudget, type Spending } from "../../index.ts";
import { Purse } from "./purse.ts";

const tokens = (amount: number): Spending => ({ requests: 1, tokens: amount, cost: 0 });
const never = new AbortController().signal;

describe("a purse", () => {
  it("a purse takes what the budget has room for, and gives it back or spends it", () => {
    const budget = createBudget({ maxTokens: 100 });
    const purse = new Purse(budget);
    const first = purse.take(tokens(60));
    expect(purse.take(tokens(60))).toBeUndefined();
    if (first !== undefined) purse.giveBack(first);
    expect(budget.state.reserved.tokens).toBe(0);
    const second = purse.take(tokens(60));
    if (second !== undefined) purse.spend(second);
    purse.close();
    expect(budget.state.reserved.tokens).toBe(60);
  });

  it("a purse keeps what it waited for until that is spent or the purse is closed, for any member that takes no more", async () => {
    const budget = createBudget({ maxTokens: 100 });
    const others = budget.tryReserve(tokens(80));
    const purse = new Purse(budget);
    const filling = purse.fill(tokens(60), never);
    others?.settle(tokens(10));
    await filling;
    expect([purse.isFilled, budget.state.reserved.tokens]).toEqual([true, 60]);
    const less = purse.take(tokens(50));
    if (less !== undefined) purse.giveBack(less);
    expect([purse.isFilled, purse.take(tokens(60)) === less]).toEqual([true, true]);
    // More than it holds is taken from what is free.
    expect(purse.take(tokens(70))).toBeUndefined();
    purse.close();
    expect(budget.state.reserved.tokens).toBe(0);
  });

  it("a purse holds nothing while it waits, and gives back at once what comes when it is closed", async () => {
    const budget = createBudget({ maxTokens: 100 });
    const purse = new Purse(budget);
    await purse.fill(tokens(60), never);
    // With the sixty in hand there would never be room.
    await purse.fill(tokens(90), never);
    expect(budget.state.reserved.tokens).toBe(90);
    const late = purse.fill(tokens(80), never);
    purse.close();
    await late;
    expect([purse.isFilled, budget.state.reserved.tokens]).toEqual([false, 0]);
  });

  it("a purse without a budget takes anything for nothing", () => {
    const purse = new Purse(undefined);
    purse.take(undefined)?.settle(tokens(5));
    expect(purse.take(tokens(1e9))).toBeDefined();
  });
});
