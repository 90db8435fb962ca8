import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createVirtualClock } from "./virtual-clock.ts";

describe("createVirtualClock", () => {
  it("the virtual clock fires timers by time, those of one moment in the order they were set, and none that was cancelled", () => {
    const timer = fc.record({ ms: fc.nat(50), isCancelled: fc.boolean() });
    fc.assert(
      fc.property(fc.array(timer), (timers) => {
        const clock = createVirtualClock();
        const fired: { id: number; at: number }[] = [];
        const cancels = timers.map(({ ms }, id) =>
          clock.after(ms, () => fired.push({ id, at: clock.now() })),
        );
        for (const [id, { isCancelled }] of timers.entries()) if (isCancelled) cancels[id]?.();
        const expected = timers
          .map(({ ms, isCancelled }, id) => ({ id, at: ms, isCancelled }))
          .filter(({ isCancelled }) => !isCancelled)
          .toSorted((a, b) => a.at - b.at || a.id - b.id)
          .map(({ id, at }) => ({ id, at }));
        expect(clock.pendingTimers).toBe(expected.length);
        clock.advanceSync(50);
        expect(fired).toEqual(expected);
        expect(clock.pendingTimers).toBe(0);
        expect(clock.now()).toBe(50);
      }),
    );
  });

  it("the virtual clock fires timers that timers set, and lets promises settle in between", async () => {
    const clock = createVirtualClock();
    const times: number[] = [];
    const tick = async (): Promise<void> => {
      for (let i = 0; i < 3; i++) {
        await new Promise<void>((resolve) => void clock.after(10, resolve));
        times.push(clock.now());
      }
    };
    const ticking = tick();
    await clock.advance(25);
    expect(times).toEqual([10, 20]);
    await clock.advance(10);
    await ticking;
    expect(times).toEqual([10, 20, 30]);
  });
});
