import { describe, expect, it } from "vitest";
import { Patience } from "./patience.ts";

const MINUTE = 60_000;

/** One that has seen so many answers, each of which took so long. */
function after(answers: number, ms: number, patience = new Patience(undefined)): Patience {
  for (let answer = 0; answer < answers; answer++) patience.answered(ms);
  return patience;
}

describe("how long an answer is waited for", () => {
  it("how long an answer is waited for is what the user told, whatever others took", () => {
    const patience = after(1000, 10, new Patience(2 * MINUTE));
    expect(patience.limitMs(0)).toBe(2 * MINUTE);
    expect(patience.lookAfterMs(0)).toBe(2 * MINUTE);
  });

  it("how long an answer is waited for is fifteen minutes until a hundred answers have shown how long answers take", () => {
    expect(after(99, 1000).limitMs(0)).toBe(15 * MINUTE);
    expect(after(100, 1000).limitMs(0)).toBe(5 * MINUTE);
  });

  it.each([
    [1000, 5],
    [40_000, 400 / 60],
    [80_000, 800 / 60],
    [200_000, 15],
  ])(
    "how long an answer is waited for is ten times the slowest of %d ms, between five and fifteen minutes: %d",
    (slowestMs, minutes) => {
      const patience = after(1000, 500);
      patience.answered(slowestMs);
      expect(patience.limitMs(0)).toBeCloseTo(minutes * MINUTE);
    },
  );

  it("how long an answer is waited for is fifteen minutes for a request since which fewer than twenty were answered, as where the server stalls", () => {
    const patience = after(1000, 1000);
    expect(patience.limitMs(981)).toBe(15 * MINUTE);
    expect(patience.limitMs(980)).toBe(5 * MINUTE);
  });

  it("how long an answer is waited for is looked at from the shortest time on, and then now and then until the longest", () => {
    const patience = new Patience(undefined);
    const looks: number[] = [];
    for (let at = 0; at < 15 * MINUTE; looks.push(at / MINUTE)) at += patience.lookAfterMs(at);
    expect(looks.slice(0, 3)).toEqual([5, 5.5, 6]);
    expect(looks.at(-1)).toBe(15);
  });
});
