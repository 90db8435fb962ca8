import type { RunWait } from "@parallel-parrot/transport";
import { describe, expect, it } from "vitest";
import { HeldBack } from "./held-back.ts";

describe("HeldBack", () => {
  const wait = { kind: "budget", option: "budget.maxCost", next: 0.0525, holders: 1 } as const;
  const looks = (...waits: readonly (readonly RunWait[])[]): HeldBack => {
    const heldBack = new HeldBack();
    for (const [index, each] of waits.entries()) heldBack.look(each, index * 60_000);
    return heldBack;
  };

  it("a run says at its end for how long its budget has held it back, and what makes that less", () => {
    const held = { ...wait, sinceMs: 9000 };
    expect(looks([held], [held], [], [held], []).describe()).toEqual([
      "Held back by --max-cost for 2 min in all: each request sets aside up to $0.0525, the most that it may take; a lower --max-tokens makes that less",
    ]);
  });

  it("a run says nothing at its end of a budget whose last requests were awaited for a moment", () => {
    expect(looks([], [{ ...wait, sinceMs: 900 }], []).describe()).toEqual([]);
  });
});
