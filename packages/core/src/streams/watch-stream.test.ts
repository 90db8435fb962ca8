import { describe, expect, it } from "vitest";
import { arraySource, collect, mapStream, watchStream, type StreamWatcher } from "../index.ts";

/** Notes the calls in their order. */
function noted(calls: unknown[]): StreamWatcher {
  return {
    onItems: (count) => calls.push(count),
    onEnd: () => void calls.push("end"),
    onBreak: (reason) => calls.push(["break", reason]),
  };
}

const numbers = Array.from({ length: 1000 }, (_, number) => number);
const error = new Error("no more of them");

describe.each([
  ["single chunks", () => ReadableStream.from(numbers)],
  ["packets", () => arraySource(numbers).pipeThrough(mapStream((number: number) => number))],
])("watchStream over %s", (_, source) => {
  it("watchStream gives the stream as it is, counts what comes out, and calls onEnd once at its end", async () => {
    const calls: unknown[] = [];
    expect(await collect(watchStream(source(), noted(calls)))).toEqual(numbers);
    expect(calls.pop()).toBe("end");
    expect(calls.reduce((sum: number, count) => sum + Number(count), 0)).toBe(numbers.length);
  });

  it("watchStream fails after the last chunk with what onEnd rejects with", async () => {
    const seen: number[] = [];
    const watched = watchStream(source(), { onEnd: () => Promise.reject(error) });
    const reading = watched.pipeTo(new WritableStream({ write: (number) => void seen.push(number) }));
    await expect(reading).rejects.toBe(error);
    expect(seen).toEqual(numbers);
  });

  it("watchStream calls onBreak where the stream fails, and not onEnd", async () => {
    const calls: unknown[] = [];
    const failing = source().pipeThrough(
      mapStream((number: number) => {
        if (number === 700) throw error;
        return number;
      }),
    );
    await expect(collect(watchStream(failing, noted(calls)))).rejects.toBe(error);
    expect(calls.pop()).toEqual(["break", error]);
    expect(calls).not.toContain("end");
  });

  it("watchStream calls onBreak where the reader leaves", async () => {
    const calls: unknown[] = [];
    const reader = watchStream(source(), noted(calls)).getReader();
    await reader.read();
    await reader.cancel(error);
    expect(calls).toEqual([expect.any(Number), ["break", error]]);
  });
});
