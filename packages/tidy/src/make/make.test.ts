import { arraySource, collect, setCell, type Row } from "@parallel-parrot/core";
import { testStage } from "@parallel-parrot/core/testing";
import { describe, expect, expectTypeOf, it } from "vitest";
import { cross, crossStream, repeat, repeatStream } from "../index.ts";

const topics = [{ topic: "tea" }, { topic: "rain" }];
const personas = [{ persona: "poet" }, { persona: "judge" }];

describe("cross", () => {
  it("cross makes a row of each row and each other row", () => {
    expect([...cross(topics, personas)]).toEqual([
      { topic: "tea", persona: "poet" },
      { topic: "tea", persona: "judge" },
      { topic: "rain", persona: "poet" },
      { topic: "rain", persona: "judge" },
    ]);
    expect([...cross(topics, [])]).toEqual([]);
  });

  it("cross refuses a column that both have, in whichever row it is", () => {
    const rows: Row[] = [{ a: 1 }, { a: 1, b: 2 }];
    expect(() => [...cross(rows, [{ c: 1 }, { b: 3 }])]).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION", column: "b", row: 1 }),
    );
  });

  it("cross keeps a column called __proto__", () => {
    const other: Row = {};
    setCell(other, "__proto__", 1);
    const [row] = cross([{ a: 1 }], [other]);
    expect(Object.keys(row ?? {})).toEqual(["a", "__proto__"]);
  });

  it("cross refuses others that are no rows", () => {
    expect(() => cross(topics, JSON.parse('["x"]'))).toThrow(expect.objectContaining({ option: "others" }));
  });

  it("crossed rows have the columns of both in their type", () => {
    expectTypeOf(cross(topics, personas)).toExtend<Generator<{ topic: string; persona: string }>>();
  });
});

describe("crossStream", () => {
  testStage(it, {
    stage: () => crossStream<Row, Row>(personas),
    inputs: [{ n: 1 }, { n: 2 }, { n: 3 }],
    outputs: [1, 2, 3].flatMap((n) => personas.map((persona) => ({ n, ...persona }))),
  });
});

describe("repeat", () => {
  it("repeat makes several rows of each and numbers them from 1", () => {
    expect([...repeat(topics, { times: 2 })]).toEqual([
      { topic: "tea", repetition: 1 },
      { topic: "tea", repetition: 2 },
      { topic: "rain", repetition: 1 },
      { topic: "rain", repetition: 2 },
    ]);
    const [row] = repeat(topics, { times: 1, column: "variant" });
    expect(row?.variant).toBe(1);
  });

  it("repeat refuses a column that a row has already, and no times", () => {
    expect(() => [...repeat(topics, { times: 2, column: "topic" })]).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION", column: "topic", row: 0 }),
    );
    expect(() => repeat(topics, { times: 0 })).toThrow(expect.objectContaining({ option: "times" }));
  });
});

describe("repeatStream", () => {
  testStage(it, {
    stage: () => repeatStream<Row, "k">({ times: 2, column: "k" }),
    inputs: [{ n: 1 }, { n: 2 }, { n: 3 }],
    outputs: [1, 2, 3].flatMap((n) => [1, 2].map((k) => ({ n, k }))),
  });

  it("seeds, personas and repetitions are made without a script", async () => {
    const rows = arraySource(topics)
      .pipeThrough(crossStream(personas))
      .pipeThrough(repeatStream({ times: 3 }));
    const made = await collect(rows);
    expect(made).toHaveLength(12);
    expect(made[4]).toEqual({ topic: "tea", persona: "judge", repetition: 2 });
  });
});
