import { describe, expect, it } from "vitest";
import { itemBytes } from "./item-bytes.ts";

const bytesOf = (row: Record<string, unknown>): number =>
  itemBytes({ index: 0, row, prompt: { messages: [] } });

describe("itemBytes", () => {
  it("itemBytes counts what lies in cells at any depth, but not a cell that throws", () => {
    const empty = bytesOf({});
    expect(bytesOf({ a: "x".repeat(1000) })).toBe(empty + 2000);
    expect(bytesOf({ a: [{ b: ["x".repeat(1000)] }] })).toBeGreaterThan(empty + 2000);
    // A list takes memory without a character in it.
    expect(bytesOf({ a: Array.from({ length: 10_000 }, () => []) })).toBeGreaterThan(empty + 10_000 * 48);
    let deep: unknown = "x".repeat(1000);
    for (let level = 0; level < 100_000; level++) deep = [deep];
    expect(bytesOf({ a: deep })).toBeGreaterThan(empty + 2000);
    const broken = {
      get a(): never {
        throw new Error("no");
      },
    };
    expect(bytesOf(broken)).toBe(empty);
  });
});
