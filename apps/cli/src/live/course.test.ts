import { describe, expect, it } from "vitest";
import { Course, readCourse, type CourseMoment } from "./course.ts";

const moment = (seconds: number): CourseMoment => ({
  seconds,
  done: seconds * 10,
  asked: seconds * 10,
  failed: 0,
  inFlight: 4,
  tokens: seconds * 100,
  cost: -1,
  limitUse: 0.5,
  megabytes: 80,
});

describe("the course of a run", () => {
  it("a course keeps moments of the whole run, evenly, however long that is", () => {
    const course = new Course();
    for (let second = 0; second < 100_000; second++) course.add(moment(second));
    const { seconds, done } = course.upTo(moment(100_000));
    expect(seconds.length).toBeGreaterThan(31);
    expect(seconds.length).toBeLessThan(66);
    expect([seconds[0], seconds.at(-1), done.at(-1)]).toEqual([0, 100_000, 1_000_000]);
    const steps = seconds.slice(1, -1).map((at, index) => at - (seconds[index] ?? 0));
    expect(new Set(steps).size).toBe(1);
  });

  it("a course that was kept is read as it was, and anything else is none", () => {
    const course = new Course();
    for (const second of [1, 2, 3]) course.add(moment(second));
    const kept: unknown = JSON.parse(JSON.stringify(course.upTo(moment(4))));
    expect(readCourse(kept)).toEqual(kept);
    for (const wrong of [
      undefined,
      null,
      [],
      {},
      { ...(kept as object), done: [1, 2] },
      { ...(kept as object), done: ["<script>", 1, 2, 3] },
      { ...(kept as object), cost: [null, 1, 2, 3] },
      Object.fromEntries(Object.keys(kept as object).map((name) => [name, Array(1000).fill(1)])),
    ])
      expect(readCourse(wrong)).toBeUndefined();
  });
});
