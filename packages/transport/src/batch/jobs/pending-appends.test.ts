import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { PendingAppends } from "./pending-appends.ts";

describe("PendingAppends", () => {
  it("gives the failure of an append to whoever waits next, also if it failed before anybody waited", async () => {
    const appends = new PendingAppends();
    appends.add(Promise.reject(new Error("The disk is full")));
    appends.add(Promise.resolve());
    await nextTurn();
    expect(appends.count).toBe(0);
    await expect(appends.fewerThan(1000)).rejects.toThrow("The disk is full");
    await expect(appends.all()).rejects.toThrow("The disk is full");
  });

  it("waits only until there are fewer appends than it is asked for", async () => {
    const appends = new PendingAppends();
    const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    appends.add(first.promise);
    appends.add(second.promise);
    second.resolve();
    await appends.fewerThan(2);
    expect(appends.count).toBe(1);
    first.resolve();
    await appends.all();
    expect(appends.count).toBe(0);
  });
});
