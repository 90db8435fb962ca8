import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, expectTypeOf, it } from "vitest";
import {
  functionProvider,
  generateData,
  generateText,
  jsonlSink,
  listOf,
  objectOf,
  pipeline,
  text,
  type Failed,
  type PipelineOptions,
  type Row,
} from "./index.ts";

/** Refuses the rows that say so, and answers the others with their own words. */
const provider = functionProvider({
  name: "echo",
  model: "m",
  complete({ messages }) {
    const words = messages.at(-1)?.content ?? "";
    if (words.includes("bad")) throw new Error("the words are bad");
    return words;
  },
});
const base = { provider, prompt: "${words}", output: text("said"), maxAttempts: 1 } as const;

type Words = { id: number; words: string };

function wordsOf(count: number, isBad: (id: number) => boolean): Words[] {
  return Array.from({ length: count }, (_, id) => ({ id, words: isBad(id) ? `bad ${id}` : `good ${id}` }));
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "parrot-failed-"));
});
afterEach(() => rm(directory, { recursive: true }));

describe("the option failedSink", () => {
  it("the failedSink takes every failed row, of an array and of a stream, and is a whole file by the end", async () => {
    const rows = wordsOf(600, (id) => id % 3 === 1);
    const indexes = rows.filter(({ id }) => id % 3 === 1).map(({ id }) => id);
    for (const [name, given] of [
      ["array", rows],
      ["stream", ReadableStream.from(rows)],
    ] as const) {
      const path = join(directory, `${name}.jsonl`);
      const run = generateData(given as Words[], {
        ...base,
        failedSink: jsonlSink(path),
        maxFailuresKept: 5,
      });
      const { rows: answered } = await run;
      expect(await Array.fromAsync(answered)).toHaveLength(400);
      const lines = (await readFile(path, "utf8")).trimEnd().split("\n");
      const failed = lines.map((line) => JSON.parse(line) as Failed);
      expect(failed.map(({ index }) => index)).toEqual(indexes);
      expect(failed[1]).toMatchObject({ row: { id: 4, words: "bad 4" }, failure: { stage: "transport" } });
      const { failedCount, failures, failureCounts } = await run;
      expect([failedCount, failures.length, failureCounts]).toEqual([200, 5, { SERVER_ERROR: 200 }]);
    }
  });

  it("the failedSink is awaited: a failed row goes on only when the sink has taken it", async () => {
    const written: number[] = [];
    const failedSink = new WritableStream<Failed>({
      async write({ index }) {
        await turns(3);
        written.push(index);
      },
    });
    const run = pipeline({ ...base, failedSink, onFailure: "null" });
    const rows = wordsOf(40, (id) => id % 2 === 1);
    for await (const { id, said } of ReadableStream.from(rows).pipeThrough(run))
      expect(said !== null || written.includes(Number(id))).toBe(true);
    expect(written).toHaveLength(20);
  });

  it("the failedSink takes rows that fail while they are exploded as well", async () => {
    const taken: Failed[] = [];
    const failedSink = new WritableStream<Failed>({ write: (failed) => void taken.push(failed) });
    const { rows, failureCounts } = await generateData([{ words: '[{"a":"1"},{"a":"2"}]' }], {
      ...base,
      output: listOf(["a"]),
      maxOutputsPerRow: 1,
      failedSink,
    });
    expect([rows, failureCounts]).toEqual([[], { TOO_MANY_OUTPUTS: 1 }]);
    expect(taken).toMatchObject([{ index: 0, failure: { stage: "tidy" } }]);
  });

  it("the failedSink stops the run with its error where it takes no more, after what is in flight", async () => {
    const error = new Error("the disk is full");
    const failing = (): WritableStream<Failed> =>
      new WritableStream<Failed>({ write: () => Promise.reject(error) });
    const rows = wordsOf(2000, (id) => id === 3);
    const failedSink = failing();
    await expect(generateData(rows, { ...base, failedSink, concurrency: 2 })).rejects.toBe(error);
    const run = await generateData(rows, {
      ...base,
      failedSink: failing(),
      concurrency: 2,
      onStop: "close",
    });
    expect(run.stopped).toBe(error);
    expect(run.rows.length).toBeLessThan(2000);
  });

  it("the failedSink is aborted where the reader of the rows leaves", async () => {
    const aborted = Promise.withResolvers<unknown>();
    const failedSink = new WritableStream<Failed>({ abort: (reason) => aborted.resolve(reason) });
    const reader = ReadableStream.from(wordsOf(1000, () => false))
      .pipeThrough(pipeline({ ...base, failedSink }))
      .getReader();
    await reader.read();
    const reason = new Error("seen enough");
    await reader.cancel(reason);
    expect(await aborted.promise).toBe(reason);
  });

  it("the failedSink has to be a stream that nobody else writes to", () => {
    const failedSink = new WritableStream<Failed>();
    failedSink.getWriter();
    expect(() => pipeline({ ...base, failedSink })).toThrow(
      "Cannot use the option failedSink: expected a WritableStream that nobody writes to",
    );
  });
});

describe("the option maxFailures", () => {
  it.each<[string, NonNullable<PipelineOptions<Row, Row>["maxFailures"]>, string]>([
    ["a number of rows", 10, "11 of the first 33 rows failed, more than maxFailures allows"],
    ["a number in an object", { rows: 10 }, "11 of the first 33 rows failed, more than maxFailures allows"],
    ["a share", { share: 0.3 }, "34 of the first 102 rows failed, more than maxFailures allows"],
  ])("maxFailures stops the run at one more than %s", async (_, maxFailures, message) => {
    const rows = wordsOf(3000, (id) => id % 3 === 2);
    const options = { ...base, maxFailures, concurrency: 1 };
    await expect(generateData(rows, options)).rejects.toMatchObject({
      code: "TOO_MANY_FAILURES",
      option: "maxFailures",
      message: expect.stringContaining(message),
      finished: expect.arrayContaining([{ id: 0, words: "good 0", said: "good 0" }]),
    });
    const { stopped, rows: answered } = await generateData(rows, { ...options, onStop: "close" });
    expect(stopped).toMatchObject({ code: "TOO_MANY_FAILURES", message });
    expect(answered.length).toBeLessThan(2000);
  });

  it("maxFailures lets a run go on with as many failed rows as it says", async () => {
    const { failedCount, rows } = await generateData(
      wordsOf(300, (id) => id % 3 === 2),
      { ...base, maxFailures: { rows: 100, share: 0.34 } },
    );
    expect([failedCount, rows.length]).toEqual([100, 200]);
  });

  it.each([-1, 0.5, {}, { share: 2 }, { rows: 1.5 }, { rows: 1, shares: 0.1 }])(
    "maxFailures refuses %o, which says nothing",
    (maxFailures) => {
      expect(() => pipeline({ ...base, maxFailures })).toThrow(
        "Cannot use the option maxFailures: expected a number of rows, or { rows, share }",
      );
    },
  );
});

describe("the option onRow", () => {
  it("onRow is told of each row with what was paid for it, before the row comes out, and is awaited", async () => {
    const told = new Map<number, [outcome: string, requests: number]>();
    const run = pipeline<Words, { said: string }>({
      ...base,
      async onRow(item, usage) {
        await turns(2);
        const outcome = "failure" in item ? item.failure.code : String(item.outputs[0]?.[0]?.said);
        told.set(item.index, [outcome, usage.requests]);
      },
    });
    for await (const { id } of ReadableStream.from(wordsOf(30, (id) => id === 7)).pipeThrough(run))
      expect(told.get(id)).toEqual([`good ${id}`, 1]);
    expect([told.size, told.get(7)]).toEqual([30, ["SERVER_ERROR", 1]]);
  });

  it.each([
    [
      "throws",
      () => {
        throw new Error("enough");
      },
    ],
    ["rejects", () => Promise.reject(new Error("enough"))],
  ])("onRow ends the run with what it %s", async (_, onRow) => {
    const failing = generateData(
      wordsOf(3, () => false),
      { ...base, onRow },
    );
    await expect(failing).rejects.toThrow("enough");
  });
});

describe("the option mapCell", () => {
  it("mapCell turns each cell of the outputs into the one that comes out, and no cell of the input", async () => {
    const { rows } = await generateData([{ words: "=1+1" }], {
      ...base,
      mapCell: (cell) => `'${String(cell)}`,
    });
    expect(rows).toEqual([{ words: "=1+1", said: "'=1+1" }]);
    expectTypeOf(rows).toEqualTypeOf<{ words: string; said: string | null }[]>();
    const counted = await generateData([{ words: "{}" }], {
      ...base,
      empty: "drop",
      mapCell: (cell) => String(cell).length,
    });
    expectTypeOf(counted.rows).toEqualTypeOf<{ words: string; said: number }[]>();
    expect(counted.rows).toEqual([{ words: "{}", said: 2 }]);
  });

  it("mapCell fails the row over which it throws, and no other", async () => {
    const { rows, failures } = await generateData(
      wordsOf(3, () => false),
      {
        ...base,
        mapCell(cell) {
          if (cell === "good 1") throw new Error("no such cell");
          return cell;
        },
      },
    );
    expect(rows.map(({ id }) => id)).toEqual([0, 2]);
    expect(failures).toMatchObject([{ index: 1, failure: { code: "STAGE_FAILED", stage: "tidy" } }]);
  });
});

describe("the option checkFirstRow", () => {
  const rows: Row[] = [{ id: 0 }, { id: 1, words: "good" }];

  it("rows without the columns of the prompt may come first where checkFirstRow is off", async () => {
    const { rows: answered, failures } = await generateData(rows, { ...base, checkFirstRow: false });
    expect(answered).toEqual([{ id: 1, words: "good", said: "good" }]);
    expect(failures).toMatchObject([{ index: 0, failure: { code: "MISSING_VALUE" } }]);
    await expect(generateData(rows, base)).rejects.toMatchObject({ code: "MISSING_COLUMN" });
  });
});

describe("onUnwritable of a run", () => {
  const circle: Row = {};
  circle["self"] = circle;
  const read = { shape: { type: "text" }, columns: ["said"] } as const;
  /** An output of which one row has a cell that no file can hold. */
  const output = {
    ...read,
    read: ({ text: words }: { text: string }) => ({
      ok: true as const,
      outputs: [{ said: words === "good 1" ? circle : words }],
      warnings: [],
    }),
  };

  it("onUnwritable makes a row fail as any other that the sink behind it cannot write", async () => {
    const path = join(directory, "out.jsonl");
    const failed: Failed[] = [];
    const run = generateData(ReadableStream.from(wordsOf(4, () => false)), {
      ...base,
      output,
      onFailure: (each) => {
        failed.push(each);
        return "null";
      },
    });
    await run.rows.pipeTo(jsonlSink(path, { onUnwritable: run.onUnwritable }));
    const lines = (await readFile(path, "utf8")).trimEnd().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { said: unknown }).said)).toEqual([
      "good 0",
      null,
      "good 2",
      "good 3",
    ]);
    expect(failed).toMatchObject([{ index: 1, failure: { stage: "formats", code: "STAGE_FAILED" } }]);
    expect([run.rowCount, run.failedCount, run.failureCounts]).toEqual([4, 1, { STAGE_FAILED: 1 }]);
  });

  it("onUnwritable fails the sink where a failed row ends the run, also behind the last row", async () => {
    const run = generateData(ReadableStream.from(wordsOf(2, () => false)), {
      ...base,
      output,
      onFailure: "throw",
    });
    const sink = jsonlSink(join(directory, "out.jsonl"), { onUnwritable: run.onUnwritable });
    await expect(run.rows.pipeTo(sink)).rejects.toMatchObject({ code: "ROW_FAILED", row: 1 });
  });

  it("onUnwritable counts a row once of which several outputs cannot be written", async () => {
    const run = generateData(ReadableStream.from(wordsOf(2, () => false)), {
      ...base,
      output: {
        ...read,
        read: () => ({
          ok: true as const,
          outputs: [{ said: circle }, { said: "fine" }, { said: { circle } }],
          warnings: [],
        }),
      },
      dedupe: false,
    });
    const sink = jsonlSink(join(directory, "out.jsonl"), { onUnwritable: run.onUnwritable });
    await run.rows.pipeTo(sink);
    expect([run.rowCount, run.failedCount]).toEqual([2, 2]);
  });
});

it("the report of a run counts the rows that came out", async () => {
  const run = await generateData([{ words: '{"a":"1"}' }, { words: "bad" }], {
    ...base,
    output: objectOf(["a"]),
  });
  expect([run.rowCount, run.failedCount]).toEqual([1, 1]);
  const texts = await generateText([{ words: "x" }], { provider, prompt: "${words}" });
  expect(texts.rowCount).toBe(1);
});
