import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { WaitQueue } from "./wait-queue.ts";

describe("WaitQueue", () => {
  it("WaitQueue serves the waiter that has waited longest first", async () => {
    const queue = new WaitQueue<string, number>();
    const waits = ["a", "b", "c"].map((need) => queue.wait(need));
    const order: string[] = [];
    for (let { first } = queue; first !== undefined; first = queue.first) {
      order.push(first.need);
      first.grant(order.length);
    }
    expect(order).toEqual(["a", "b", "c"]);
    expect(await Promise.all(waits)).toEqual([1, 2, 3]);
    expect(queue.size).toBe(0);
  });

  it("WaitQueue lets a waiter leave the queue when its signal fires, and tells of it afterwards", async () => {
    const queue = new WaitQueue<string, number>();
    const gone = new AbortController();
    const sizes: number[] = [];
    const [first, second] = [
      queue.wait("first"),
      queue.wait("second", gone.signal, () => sizes.push(queue.size)),
    ];
    gone.abort(new Error("enough"));
    await expect(second).rejects.toThrow("enough");
    expect(sizes).toEqual([1]);
    queue.first?.refuse(new Error("never"));
    await expect(first).rejects.toThrow("never");
  });

  it("WaitQueue lets nobody into the queue whose signal has fired", async () => {
    const queue = new WaitQueue<undefined, void>();
    await expect(queue.wait(undefined, AbortSignal.abort(new Error("too late")))).rejects.toThrow("too late");
    expect(queue.size).toBe(0);
  });

  it("WaitQueue leaves no listener on the signal of a waiter that was served", async () => {
    const queue = new WaitQueue<undefined, void>();
    const { signal } = new AbortController();
    const wait = queue.wait(undefined, signal);
    queue.first?.grant();
    await wait;
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });
});
