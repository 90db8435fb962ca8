import { arraySource, collect } from "@parallel-parrot/core";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sample, sampleStream } from "../index.ts";

const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

describe("sample", () => {
  it("sample draws the same rows for the same seed and others for another, in the order of the input", () => {
    const drawn = sample(numbers(1000), { size: 20, seed: 7 });
    expect(drawn).toHaveLength(20);
    expect(drawn).toEqual(drawn.toSorted((one, other) => one - other));
    expect(sample(numbers(1000), { size: 20, seed: 7 })).toEqual(drawn);
    expect(sample(numbers(1000), { size: 20, seed: 8 })).not.toEqual(drawn);
    expect(sample(numbers(1000), { size: 20 })).toEqual(sample(numbers(1000), { size: 20, seed: 1 }));
  });

  it("sample of more rows has all rows of a smaller one, and a row that is added changes one at most", () => {
    fc.assert(
      fc.property(fc.nat(300), fc.nat(50), fc.nat(50), fc.nat(), (rows, size, more, seed) => {
        const [few, many] = [
          sample(numbers(rows), { size, seed }),
          sample(numbers(rows), { size: size + more, seed }),
        ];
        expect(few).toHaveLength(Math.min(size, rows));
        expect(many).toEqual(expect.arrayContaining(few));
        const after = new Set(sample(numbers(rows + 1), { size, seed }));
        expect(few.filter((row) => !after.has(row)).length).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("sample gives each row the same chance", () => {
    const counts = numbers(50).map(() => 0);
    const rounds = 4000;
    for (let seed = 0; seed < rounds; seed++)
      for (const row of sample(numbers(50), { size: 10, seed })) counts[row] = (counts[row] ?? 0) + 1;
    // 800 each, with a deviation of 25: the seeds are fixed, so that this is always the same.
    expect(Math.min(...counts)).toBeGreaterThan(690);
    expect(Math.max(...counts)).toBeLessThan(910);
  });

  it("sample refuses a size that is none, and a call without one", () => {
    expect(() => sample([], { size: -1 })).toThrow(expect.objectContaining({ option: "size" }));
    expect(() => sampleStream(JSON.parse("{}"))).toThrow(expect.objectContaining({ option: "size" }));
  });
});

describe("sampleStream", () => {
  it("sampleStream passes an error of its input on as the same object", async () => {
    const error = new Error("input failed");
    const input = new ReadableStream<number>({ pull: (controller) => controller.error(error) });
    await expect(collect(input.pipeThrough(sampleStream({ size: 2 })))).rejects.toBe(error);
  });

  it("sampleStream cancels an input that has not ended, with the reason that it was given", async () => {
    const { promise: cancelled, resolve } = Promise.withResolvers<unknown>();
    const idle = new ReadableStream<number>({ cancel: resolve }, { highWaterMark: 0 });
    const reader = idle.pipeThrough(sampleStream({ size: 2 })).getReader();
    const read = reader.read();
    const reason = new Error("no longer needed");
    await reader.cancel(reason);
    expect((await read).done).toBe(true);
    expect(await cancelled).toBe(reason);
  });

  it("sampleStream gives nothing for an input without rows", async () => {
    expect(await collect(arraySource([]).pipeThrough(sampleStream({ size: 2 })))).toEqual([]);
  });

  it("sampleStream draws what sample draws", async () => {
    const options = { size: 600, seed: 3 };
    expect(await collect(arraySource(numbers(2000)).pipeThrough(sampleStream(options)))).toEqual(
      sample(numbers(2000), options),
    );
  });
});
