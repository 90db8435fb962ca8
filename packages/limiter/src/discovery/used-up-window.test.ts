import { describe, expect, it } from "vitest";
import { WindowSum } from "../time/window-sum.ts";
import { UsedUpWindow } from "./used-up-window.ts";

/** Ten requests, one a second, and then nothing more is let in. */
function usedUp(): { window: UsedUpWindow; history: WindowSum } {
  const history = new WindowSum(60_000);
  for (let ms = 0; ms < 10_000; ms += 1000) history.add(1, ms, ms);
  const window = new UsedUpWindow(history);
  window.begin(10_000);
  return { window, history };
}

describe("UsedUpWindow", () => {
  it("a minute that is used up has room once its first request is a minute old, and a pause is no longer than that", () => {
    const { window } = usedUp();
    expect(window.roomAt(10_000)).toBeGreaterThanOrEqual(60_000);
    expect(window.roomAt(10_000)).toBeLessThan(60_200);
    expect(window.shorten(100_000, 10_000)).toBeLessThan(50_200);
    expect(window.shorten(5000, 10_000)).toBe(5000);
    expect(window.roomAt(60_500)).toBeLessThanOrEqual(60_500);
  });

  it("a request that is let in while a minute is used up shows that its window does not slide", () => {
    const { window } = usedUp();
    window.probed(100, 20_000);
    expect(window.roomAt(20_100)).toBeGreaterThan(20_100);
    window.refused();
    expect(window.roomAt(21_000)).toBeGreaterThan(21_000);
    window.probed(100, 30_000);
    expect(window.roomAt(30_600)).toBe(30_600);
  });

  it("a minute that is used up is forgotten after another minute", () => {
    const { window, history } = usedUp();
    for (let ms = 60_000; ms < 70_000; ms += 500) history.add(1, ms, ms);
    expect(window.roomAt(69_000)).toBeGreaterThan(69_000);
    expect(window.roomAt(70_000)).toBe(70_000);
  });
});
