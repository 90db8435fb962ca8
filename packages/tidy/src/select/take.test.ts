import { arraySource, collect } from "@parallel-parrot/core";
import { testStage } from "@parallel-parrot/core/testing";
import { describe, expect, it } from "vitest";
import { take, takeStream } from "../index.ts";

describe("take", () => {
  it.each([
    [{}, [1, 2, 3, 4]],
    [{ limit: 2 }, [1, 2]],
    [{ offset: 3 }, [4]],
    [{ offset: 1, limit: 2 }, [2, 3]],
    [{ offset: 9, limit: 2 }, []],
    [{ offset: 2, limit: 0 }, []],
  ])("take gives the rows after the offset up to the limit: %j", (options, rows) => {
    expect([...take([1, 2, 3, 4], options)]).toEqual(rows);
  });

  it("take reads nothing behind the last row that it takes", () => {
    let read = 0;
    function* endless(): Generator<number> {
      for (;;) yield (read += 1);
    }
    expect([...take(endless(), { offset: 2, limit: 3 })]).toEqual([3, 4, 5]);
    expect(read).toBe(5);
    expect([...take(endless(), { limit: 0 })]).toEqual([]);
    expect(read).toBe(5);
  });

  it("take refuses numbers of rows that are none", () => {
    expect(() => take([], { limit: -1 })).toThrow(expect.objectContaining({ option: "limit" }));
    expect(() => takeStream({ offset: 1.5 })).toThrow(expect.objectContaining({ option: "offset" }));
  });
});

describe("takeStream", () => {
  testStage(it, { stage: () => takeStream({ offset: 1 }), inputs: [0, 1, 2, 3], outputs: [1, 2, 3] });

  it("takeStream ends with the last row that it takes and cancels an input that would never end", async () => {
    let read = 0;
    const { promise: cancelled, resolve } = Promise.withResolvers<unknown>();
    const endless = new ReadableStream<number>(
      { pull: (controller) => controller.enqueue((read += 1)), cancel: resolve },
      { highWaterMark: 0 },
    );
    expect(await collect(endless.pipeThrough(takeStream({ offset: 1, limit: 2 })))).toEqual([2, 3]);
    await cancelled;
    expect(read).toBeLessThanOrEqual(4);
  });

  it("takeStream takes part of a packet", async () => {
    const rows = Array.from({ length: 1000 }, (_, n) => n);
    expect(await collect(arraySource(rows).pipeThrough(takeStream({ offset: 300, limit: 500 })))).toEqual(
      rows.slice(300, 800),
    );
  });
});
