import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { mapConcurrentStream, SKIP, type Overflow } from "../index.ts";
import { readAll, sourceOf, testStage } from "../testing.ts";

/** Puts numbers away in a set, and tells of what is there. */
class NumbersAway implements Overflow<number> {
  readonly away = new Set<number>();
  isClosed = false;

  put = (output: number): (() => number) => {
    this.away.add(output);
    return () => {
      this.away.delete(output);
      return output;
    };
  };

  close = (): void => {
    this.isClosed = true;
  };
}

const numbers = Array.from({ length: 500 }, (_, n) => n);

describe("an overflow", () => {
  describe("of a stage", () => {
    testStage(it, {
      // The first of three takes the longest, and there is no room in memory for what waits for it.
      stage: () =>
        mapConcurrentStream(async (n: number) => (await sleep(n % 3 === 0 ? 5 : 1), n * 2), {
          concurrency: 3,
          window: 6,
          windowBytes: 4000,
          sizeOf: () => 1000,
          overflow: new NumbersAway(),
        }),
      inputs: [0, 1, 2, 3, 4, 5, 6, 7],
      outputs: [0, 2, 4, 6, 8, 10, 12, 14],
    });
  });

  it("an overflow takes outputs that wait for a slow one, and gives them back in order", async () => {
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    const overflow = new NumbersAway();
    let started = 0;
    const stage = mapConcurrentStream(
      async (n: number) => {
        started += 1;
        if (n === 0) await gate;
        return n === 7 ? SKIP : n;
      },
      { concurrency: 2, window: 200, windowBytes: 100_000, sizeOf: () => 1000, overflow },
    );
    const all = readAll(sourceOf(numbers).pipeThrough(stage));
    // In memory there is room for a hundred.
    await expect.poll(() => started).toBe(200);
    expect(overflow.away.size).toBeGreaterThan(150);
    expect(overflow.isClosed).toBe(false);
    open();
    expect(await all).toEqual(numbers.filter((n) => n !== 7));
    expect([overflow.away.size, overflow.isClosed]).toEqual([0, true]);
  });

  it("an overflow takes nothing that waits for a slow reader, which slows the source", async () => {
    const overflow = new NumbersAway();
    let started = 0;
    const stage = mapConcurrentStream(async (n: number) => ((started += 1), n), {
      concurrency: 2,
      windowBytes: 10_000,
      sizeOf: () => 1000,
      overflow,
    });
    const reader = sourceOf(numbers).pipeThrough(stage).getReader();
    await reader.read();
    await sleep(10);
    expect(overflow.away.size).toBe(0);
    expect(started).toBeLessThan(30);
    await reader.cancel();
    expect(overflow.isClosed).toBe(true);
  });

  it("an overflow may refuse an output, and its error goes to both sides where it has lost something", async () => {
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    const lost = new Error("lost");
    let offered = 0;
    const overflow: Overflow<number> = {
      put() {
        offered += 1;
        if (offered <= 3) return undefined;
        return () => {
          throw lost;
        };
      },
      close: () => undefined,
    };
    const stage = mapConcurrentStream(
      async (n: number) => {
        if (n === 0) await gate;
        return n;
      },
      { concurrency: 2, windowBytes: 20_000, sizeOf: () => 1000, overflow },
    );
    const cancelled = Promise.withResolvers<unknown>();
    let next = 0;
    const source = new ReadableStream<number>({
      pull: (controller) => controller.enqueue(next++),
      cancel: cancelled.resolve,
    });
    const all = readAll(source.pipeThrough(stage));
    await expect.poll(() => offered).toBeGreaterThan(4);
    open();
    await expect(all).rejects.toBe(lost);
    expect(await cancelled.promise).toBe(lost);
  });
});
