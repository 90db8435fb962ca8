// @module-tag slow

import { mkdtemp, readdir, readlink, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Completed, Failed, Prompted, Row } from "@parallel-parrot/core";
import { readAll, sourceOf } from "@parallel-parrot/core/testing";
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { memoryJournal, type Journal } from "@parallel-parrot/journal";
import { functionProvider } from "@parallel-parrot/providers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { completionStream, createLimiter } from "../index.ts";
import { SpillFile } from "./spill-file.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "parrot-overflow-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const ROWS = 3000;
/** Eight hundred of these fit into memory, with their prompts. */
const article = (index: number): string => `Article ${index}. ${"All of its words. ".repeat(1100)}`;
const rows = Array.from({ length: ROWS }, (_, index) => ({
  id: index,
  article: article(index),
  price: 10n ** 20n,
  tags: [null, { name: "é", at: undefined }],
}));
const prompts = rows.map((row, index): Prompted => ({
  index,
  row,
  prompt: { messages: [{ role: "user", content: row.article }] },
}));

/** Asks for all rows, with an answer to the second one when nothing else goes on; tells how many were asked by then. */
async function runPastSlowRow(
  journal: string | Journal,
): Promise<{ items: (Completed | Failed)[]; asked: number; names: string[] }> {
  const { promise: rest, resolve: open } = Promise.withResolvers<void>();
  let asked = 0;
  const provider = functionProvider({
    name: "test",
    model: "m",
    async complete({ messages }) {
      const [message] = messages;
      asked += 1;
      if (message?.content.startsWith("Article 1.") === true) await rest;
      return `Of ${message?.content.slice(0, 12)}`;
    },
  });
  const stage = completionStream(provider, {
    journal,
    limiter: createLimiter({ limits: { requestsPerMinute: 1e9 } }),
  });
  const items = readAll(sourceOf(prompts).pipeThrough(stage));
  let before = -1;
  await expect
    .poll(
      () => {
        const isStill = asked === before && asked > 500;
        before = asked;
        return isStill;
      },
      { interval: 300 },
    )
    .toBe(true);
  const names = await readdir(folder);
  const askedByThen = asked;
  open();
  return { items: await items, asked: askedByThen, names };
}

const textOf = (item: Completed | Failed): string | undefined =>
  "completion" in item ? item.completion.choices[0]?.text : item.failure.message;

describe("rows that wait for a slow one", () => {
  it("rows that wait for a slow one wait in a file without a name beside the journal, and come out as they were", async () => {
    const { items, asked, names } = await runPastSlowRow(join(folder, "run.db"));
    expect(asked).toBe(ROWS);
    expect(names.filter((name) => !name.startsWith("run.db"))).toEqual([]);
    expect(names).not.toContain("run.db-waiting");
    expect(items.map(({ index }) => index)).toEqual(rows.map(({ id }) => id));
    expect(items.map(({ row }) => row)).toEqual(rows);
    expect(items.map(textOf)).toEqual(rows.map((row) => `Of ${row.article.slice(0, 12)}`));
    expect(await openFiles()).toEqual([]);
  });

  it("rows that wait for a slow one wait in memory without a journal, and fewer are asked ahead", async () => {
    const { items, asked } = await runPastSlowRow(memoryJournal());
    expect(asked).toBeLessThan(1000);
    expect(items.map(textOf)).toEqual(rows.map((row) => `Of ${row.article.slice(0, 12)}`));
  });
});

const item = (row: Row): Failed => ({
  index: 0,
  row,
  failure: {
    stage: "transport",
    code: "TIMEOUT",
    message: "late",
    attempts: 1,
    usage: { requests: 1, inputTokens: 0, outputTokens: 0, cachedInputTokens: 0, reasoningTokens: 0 },
  },
});

describe("SpillFile", () => {
  it("SpillFile uses its place on the disk again once it is empty", () => {
    const file = new SpillFile<Failed>(() => join(folder, "run.db"));
    for (let round = 0; round < 3; round++) {
      const back = Array.from({ length: 100 }, (_, id) => file.put(item({ id, round })));
      expect(file.bytes).toBeLessThan(100 * 500);
      expect(back.toReversed().map((bring) => bring?.().row["id"])).toEqual(
        Array.from({ length: 100 }, (_, id) => 99 - id),
      );
      expect(file.bytes).toBe(0);
    }
    file.close();
  });

  it("SpillFile keeps next to nothing of a spilled row in memory", async () => {
    const file = new SpillFile<Failed>(() => join(folder, "run.db"));
    const text = "a word ".repeat(10_000);
    const before = await settledMemory();
    const back = Array.from({ length: 500 }, (_, id) => file.put(item({ id, text })));
    expect((await settledMemory()) - before).toBeLessThan(500 * text.length * 0.1);
    expect(back.at(-1)?.().row["id"]).toBe(499);
    file.close();
  });

  it("SpillFile does not spill what would come back as something else", () => {
    const file = new SpillFile<Failed>(() => join(folder, "run.db"));
    class Money {
      readonly cents = 5;
    }
    for (const cell of [new Money(), () => 1, [new Money()], new Map(), Symbol("s")])
      expect(file.put(item({ cell }))).toBeUndefined();
    file.close();
  });

  it("SpillFile replaces a spill file that kept its name as the process was killed", async () => {
    await writeFile(join(folder, "run.db-waiting"), "left");
    const file = new SpillFile<Failed>(() => join(folder, "run.db"));
    expect(file.put(item({ id: 5 }))?.().row["id"]).toBe(5);
    expect(await readdir(folder)).toEqual([]);
    file.close();
  });

  it("spills nothing where no file can be made", async () => {
    await writeFile(join(folder, "file"), "");
    const file = new SpillFile<Failed>(() => join(folder, "file", "run.db"));
    expect(file.put(item({}))).toBeUndefined();
    const none = new SpillFile<Failed>(() => undefined);
    expect(none.put(item({}))).toBeUndefined();
  });

  it("SpillFile says that a spilled row cannot be read again once the file is closed", () => {
    const file = new SpillFile<Failed>(() => join(folder, "run.db"));
    const bringBack = file.put(item({}));
    file.close();
    file.close();
    expect(() => bringBack?.()).toThrow("Every answer is in the journal: run again");
    expect(file.put(item({}))).toBeUndefined();
  });
});

/** Bytes in use when there is no garbage left; what is outside of the heap is given back some time later. */
async function settledMemory(): Promise<number> {
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc") as () => void;
  let used = Number.POSITIVE_INFINITY;
  for (let unchanged = 0; unchanged < 5; await sleep(20)) {
    collectGarbage();
    const { heapUsed, external } = process.memoryUsage();
    unchanged = heapUsed + external < used - 100_000 ? 0 : unchanged + 1;
    used = Math.min(used, heapUsed + external);
  }
  return used;
}

/** Files in the folder that this process has open, with or without a name. */
async function openFiles(): Promise<string[]> {
  const links = await Promise.all(
    (await readdir("/proc/self/fd")).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => "")),
  );
  return links.filter((link) => link.startsWith(folder));
}
