import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { answeredRow } from "../../fixtures/rows-source.ts";
import type { ReadRow } from "../run-source.ts";
import { readFilter } from "./row-filter.ts";
import { RowIndex, type RowOrder } from "./row-index.ts";

const WORDS = ["Lamp", "lamp shade", "SOUND", "été", "naïve", "100 %", "a_b", 'say "no"'];

/** Rows of all kinds, in no order. */
const ROWS: readonly ReadRow[] = Array.from({ length: 700 }, (_, index) => {
  const word = WORDS[index % WORDS.length];
  const known = answeredRow(index, {
    row: { text: `${word} ${index}`, group: `g${index % 3}`, odd: index % 2 === 1 },
    usage: {
      requests: 1,
      inputTokens: (index * 37) % 101,
      outputTokens: index % 7,
      cachedInputTokens: 0,
      reasoningTokens: 0,
    },
    attempts: 1 + (index % 4),
    durationMs: (index * 7919) % 997,
    outputs: [
      [{ label: index % 5 === 0 ? "yes" : "no" }],
      ...(index % 11 === 0 ? [[{ label: "maybe" }]] : []),
    ],
    model: `m${index % 4}`,
    sentAt: 1_000_000 + index,
    warnings: index % 6 === 0 ? [{ code: "REPAIRED", message: "The JSON was repaired" }] : [],
  });
  if (index % 9 === 4)
    return {
      ...known,
      state: "failed",
      outputs: [],
      failure: {
        stage: "parse",
        code: index % 2 === 0 ? "INVALID_OUTPUT" : "OUTPUT_TRUNCATED",
        message: `Cannot read ${JSON.stringify(word)} at character ${index}`,
        answer: `raw answer ${index}`,
      },
    };
  return index % 50 === 1 ? { ...known, state: "missing", outputs: [], keys: [] } : known;
});

let index: RowIndex;
beforeAll(() => {
  index = new RowIndex();
  for (let at = 0; at < ROWS.length; at += 64) index.add(ROWS.slice(at, at + 64));
});
afterAll(() => index.close());

const tokens = ({ usage }: ReadRow): number => usage.inputTokens + usage.outputTokens;
const texts = ({ row, outputs, failure }: ReadRow): string =>
  [...Object.values(row), ...outputs.flat().map(({ label }) => label), failure?.answer, failure?.message]
    .map(String)
    .join("\n")
    .toLowerCase();
const labels = ({ outputs }: ReadRow): unknown[] => outputs.flat().map(({ label }) => label);

/** Filters as the page asks for them, and what they mean. */
const FILTERS: readonly (readonly [query: string, fits: (row: ReadRow) => boolean])[] = [
  ["", () => true],
  ["state=failed", ({ state }) => state === "failed"],
  ["state=missing", ({ state }) => state === "missing"],
  ["code=INVALID_OUTPUT", ({ failure }) => failure?.code === "INVALID_OUTPUT"],
  ["kind=Cannot+read+%E2%80%A6+at+character+%23", ({ state }) => state === "failed"],
  ["warning=REPAIRED", ({ warnings }) => warnings.length > 0],
  ["min-tokens=50&max-tokens=80", (row) => tokens(row) >= 50 && tokens(row) <= 80],
  ["min-duration=900", ({ durationMs = 0 }) => durationMs >= 900],
  ["min-attempts=4", ({ attempts }) => attempts >= 4],
  ["min-outputs=2", ({ outputs }) => outputs.flat().length >= 2],
  ["model=m3", ({ model }) => model === "m3"],
  ["min-sent=1000100&max-sent=1000200", ({ sentAt = 0 }) => sentAt >= 1_000_100 && sentAt <= 1_000_200],
  ["text=LAMP", (row) => texts(row).includes("lamp")],
  ["text=%C3%89T%C3%89", (row) => texts(row).includes("été")],
  ["text=%25", (row) => texts(row).includes("%")],
  ["text=_", (row) => texts(row).includes("_")],
  ["text=raw+answer+4", (row) => texts(row).includes("raw answer 4")],
  ["text=%22no%22", (row) => texts(row).includes('"no"')],
  ["text=inputTokens", () => false],
  ["column=group&is=equal&cell=g1", ({ row }) => row["group"] === "g1"],
  ["column=text&cell=na%C3%8FVE", ({ row }) => String(row["text"]).includes("naïve")],
  ["column=odd&is=equal&cell=true", ({ row }) => row["odd"] === true],
  ["column=label&of=output&is=equal&cell=maybe", (row) => labels(row).includes("maybe")],
  ["column=label&of=input&is=equal&cell=maybe", () => false],
  ["column=nothing&cell=x", () => false],
  [
    "state=answered&text=lamp&column=label&of=output&is=equal&cell=yes&min-tokens=20",
    (row) =>
      row.state === "answered" &&
      texts(row).includes("lamp") &&
      labels(row).includes("yes") &&
      tokens(row) >= 20,
  ],
];

function allPages(query: string, order: RowOrder): readonly number[] {
  const places: number[] = [];
  let after: string | undefined;
  do {
    const page = index.page({ filter: readFilter(new URLSearchParams(query)), order, after, limit: 17 });
    places.push(...page.rows.map(({ place }) => place));
    after = page.next;
  } while (after !== undefined);
  return places;
}

describe("RowIndex", () => {
  it.each(FILTERS)(
    "the filter %j leaves the rows that it means, page by page, and counts them",
    (query, fits) => {
      const wanted = ROWS.flatMap((row, place) => (fits(row) ? [place] : []));
      expect(allPages(query, "place")).toEqual(wanted);
      expect(index.countOf(readFilter(new URLSearchParams(query)))).toBe(wanted.length);
    },
  );

  it.each([
    ["tokens", tokens],
    ["duration", ({ durationMs = -1 }: ReadRow) => durationMs],
    ["attempts", ({ attempts }: ReadRow) => attempts],
    ["outputs", ({ outputs }: ReadRow) => outputs.flat().length],
    ["cost", () => 0],
    ["sent", ({ sentAt = 0 }: ReadRow) => sentAt],
  ] as const)(
    "rows come by %s, the greatest first and each once, also where many are equal",
    (order, measure) => {
      const places = allPages("text=lamp", order);
      const wanted = ROWS.flatMap((row, place) => (texts(row).includes("lamp") ? [place] : [])).toSorted(
        (a, b) => measure(ROWS[b] ?? answeredRow(b)) - measure(ROWS[a] ?? answeredRow(a)) || a - b,
      );
      expect(places).toEqual(wanted);
    },
  );

  it("a row comes back as it was added", () => {
    for (const place of [0, 4, 1, 66]) expect(index.get(place)).toEqual({ place, read: ROWS[place] });
    expect(index.get(ROWS.length)).toBeUndefined();
  });

  it("totals count states, failures of one kind and warnings", () => {
    const failed = ROWS.filter(({ state }) => state === "failed");
    expect(index.totals.states).toMatchObject({ failed: failed.length, passed: 0 });
    expect(index.totals.failures(10)).toHaveLength(2);
    expect(index.totals.failures(1)[0]).toMatchObject({
      value: "Cannot read … at character #",
      example: 'Cannot read "naïve" at character 4',
    });
    expect(index.totals.warnings).toEqual([
      { value: "REPAIRED", rows: ROWS.filter(({ warnings }) => warnings.length > 0).length },
    ]);
  });

  it("columns of the input and of outputs are told apart, in their order", () => {
    expect(index.columns).toEqual({ input: ["text", "group", "odd"], output: ["label"] });
  });

  it.each(FILTERS)("the cells of a column are those of the rows that the filter %j leaves", (query, fits) => {
    const filter = readFilter(new URLSearchParams(query));
    const wanted = ROWS.filter(fits);
    expect([...index.cellsOf({ of: "input", name: "group" }, filter)]).toEqual(
      wanted.map(({ row }) => row["group"]),
    );
    expect([...index.cellsOf({ of: "output", name: "label" }, filter)]).toEqual(wanted.flatMap(labels));
  });

  it("marks of others and the conditions of the filter hold at once", () => {
    const marks = Uint8Array.from(ROWS, (_, place) => (place % 10 === 0 ? 1 : 0));
    const filter = { ...readFilter(new URLSearchParams("text=lamp&state=answered")), marks: [marks] };
    const wanted = ROWS.flatMap((row, place) =>
      place % 10 === 0 && row.state === "answered" && texts(row).includes("lamp") ? [place] : [],
    );
    const { rows } = index.page({ filter, order: "place", after: undefined, limit: 700 });
    expect(rows.map(({ place }) => place)).toEqual(wanted);
    expect(index.countOf(filter)).toBe(wanted.length);
  });

  it("a text is not found across the ends of two rows", () => {
    const two = new RowIndex();
    two.add([
      answeredRow(0, { row: { a: "end" }, outputs: [] }),
      answeredRow(1, { row: { a: "of" }, outputs: [] }),
    ]);
    const found = (text: string): number => two.countOf({ text, ranges: [] });
    expect([found("end"), found("of"), found("endof"), found("d\n\n\no")]).toEqual([1, 1, 0, 0]);
    two.close();
  });
});
