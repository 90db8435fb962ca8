import { describe, expect, it } from "vitest";
import { TimeLeft } from "./time-left.ts";

describe("TimeLeft", () => {
  it("the time left follows the pace of the last minute, and is not said before there is one", () => {
    const left = new TimeLeft();
    left.note(0, 0);
    expect(left.for(100)).toBeUndefined();
    left.note(50, 2000);
    expect(left.for(100)).toBeUndefined();
    left.note(100, 4000);
    expect(left.for(100)).toBe(4000);
    for (let second = 5; second <= 200; second++) left.note(100 + second, second * 1000);
    expect(left.for(100)).toBe(100_000);
  });

  it("the time left is not said while nothing that is asked gets done", () => {
    const left = new TimeLeft();
    for (let second = 0; second <= 100; second++) left.note(0, second * 1000);
    expect(left.for(100)).toBeUndefined();
  });
});
