import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WindowSum } from "./window-sum.ts";

describe("WindowSum", () => {
  it("WindowSum holds all of the window and at most a thousandth more", () => {
    const step = fc.record({ gap: fc.nat(20_000), amount: fc.integer({ min: 1, max: 1000 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const sum = new WindowSum(60_000);
        const log: { at: number; amount: number }[] = [];
        let now = 0;
        for (const { gap, amount } of steps) {
          now += gap;
          sum.add(amount, now, now);
          log.push({ at: now, amount });
          const within = (ms: number): number =>
            log.reduce((total, entry) => total + (entry.at > now - ms ? entry.amount : 0), 0);
          expect(sum.sum(now)).toBeGreaterThanOrEqual(within(60_000));
          expect(sum.sum(now)).toBeLessThanOrEqual(within(60_000 * (1 + 2 / 1023)));
        }
      }),
    );
  });

  it("WindowSum tells when enough has left the window", () => {
    const sum = new WindowSum(1023);
    for (let at = 0; at < 1000; at += 100) sum.add(10, at, at);
    const at = sum.freedAt(25, 1000);
    expect(at).toBeGreaterThanOrEqual(200 + 1023);
    expect(at).toBeLessThanOrEqual(200 + 1025);
    expect(sum.sum(at)).toBe(70);
  });

  it("WindowSum corrects an amount that is still in the window and leaves alone one that has left it", () => {
    const sum = new WindowSum(1000);
    sum.add(10, 0, 0);
    sum.add(10, 900, 900);
    sum.add(-10, 0, 1500);
    expect(sum.sum(1500)).toBe(10);
    sum.add(-4, 900, 1500);
    expect(sum.sum(1500)).toBe(6);
    expect(sum.sum(60_000)).toBe(0);
  });
});
