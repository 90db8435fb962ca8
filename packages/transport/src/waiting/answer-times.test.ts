import { describe, expect, it } from "vitest";
import { AnswerTimer } from "./answer-times.ts";

describe("AnswerTimer", () => {
  it("the median and the 95th percentile of answer times are right to one percent, over several timers", () => {
    const [one, other] = [new AnswerTimer(), new AnswerTimer()];
    for (let ms = 10; ms <= 20_000; ms += 10) (ms % 20 === 0 ? one : other).add(ms);
    const times = AnswerTimer.timesOf([one, other, new AnswerTimer()]);
    expect(times?.answers).toBe(2000);
    expect(Math.abs((times?.medianMs ?? 0) / 10_000 - 1)).toBeLessThan(0.01);
    expect(Math.abs((times?.p95Ms ?? 0) / 19_000 - 1)).toBeLessThan(0.01);
  });

  it("there are no answer times before the first answer, and one of no time or of days is a time", () => {
    const timer = new AnswerTimer();
    expect(AnswerTimer.timesOf([timer])).toBeUndefined();
    timer.add(0);
    timer.add(1e12);
    expect(AnswerTimer.timesOf([timer])).toMatchObject({ answers: 2, medianMs: 1 });
  });
});
