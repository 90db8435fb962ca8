import { describe, expect, it } from "vitest";
import { ChatPool, type PooledChat } from "./chat-pool.ts";

/** The pool lends them and looks into none. */
const chat = (): PooledChat => ({ chat: {}, sequence: {} }) as PooledChat;
const ANY = new AbortController().signal;

describe("ChatPool", () => {
  it("ChatPool lends each conversation to one request at a time, in the order in which they came", async () => {
    const pool = new ChatPool([chat(), chat()]);
    const order: number[] = [];
    const ends = Array.from({ length: 4 }, () => Promise.withResolvers<void>());
    const uses = ends.map(({ promise }, number) =>
      pool.lend(ANY, async () => {
        order.push(number);
        await promise;
      }),
    );
    await Promise.resolve();
    expect(order).toEqual([0, 1]);
    ends[1]?.resolve();
    await uses[1];
    await expect.poll(() => order).toEqual([0, 1, 2]);
    for (const { resolve } of ends) resolve();
    await Promise.all(uses);
    expect(order).toEqual([0, 1, 2, 3]);
  });

  it("ChatPool gives a conversation back after an error, and does not begin for a request that was given up", async () => {
    const pool = new ChatPool([chat()]);
    const given = new AbortController();
    const first = pool.lend(ANY, () => Promise.reject(new Error("broken")));
    const second = pool.lend(given.signal, () => Promise.resolve("never"));
    given.abort(new Error("given up"));
    await expect(first).rejects.toThrow("broken");
    await expect(second).rejects.toThrow("given up");
    expect(await pool.lend(ANY, () => Promise.resolve("used"))).toBe("used");
  });
});
