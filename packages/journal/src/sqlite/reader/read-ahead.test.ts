// @module-tag slow

import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { aRecord } from "../../../fixtures/a-record.ts";
import { temporaryFolder } from "../../../fixtures/temporary-folder.ts";
import { openJournal, type Journal, type JournalRecord, type JournalRun } from "../../index.ts";

const file = temporaryFolder();
const path = (): string => file("run.db");

async function using<T>(use: (run: JournalRun, journal: Journal) => T | Promise<T>): Promise<T> {
  const journal = await openJournal(path());
  try {
    return await use(await journal.begin(), journal);
  } finally {
    await journal.close();
  }
}

const numbers = (count: number, first = 0): number[] => Array.from({ length: count }, (_, n) => first + n);
const keep = (run: JournalRun, records: readonly JournalRecord[]): Promise<unknown> =>
  Promise.all(records.map((record) => run.append(record)));
const record = (number: number, body = `body ${number}`): JournalRecord => ({
  ...aRecord(String(number)),
  row: number,
  body,
});
const fill = (count: number, bodyOf?: (number: number) => string): Promise<unknown> =>
  using((run) =>
    keep(
      run,
      numbers(count).map((number) => record(number, bodyOf?.(number))),
    ),
  );

/** Takes records out of the file behind the journal's back: only what it has read already is still found. */
function remove(condition: string): void {
  const database = new DatabaseSync(path());
  database.exec(`DELETE FROM answer WHERE ${condition}`);
  database.close();
}

/** Text that is stored as it is. */
function incompressible(length: number): string {
  return randomBytes(length).toString("base64").slice(0, length);
}

/** Breaks the chain of pages that holds a long body. */
function damage(number: number): void {
  const database = new DatabaseSync(path());
  const { body } = database.prepare("SELECT body FROM answer WHERE key = ?").get(String(number)) ?? {};
  database.close();
  const bytes = readFileSync(path());
  const page = Math.floor(bytes.indexOf(String(body).slice(6000, 6050)) / PAGE_BYTES);
  bytes.writeUInt32BE(0xffffffff, page * PAGE_BYTES);
  writeFileSync(path(), bytes);
}

const PAGE_BYTES = 4096;

describe("records that are read ahead", () => {
  it("records of the same block are read ahead with one that is looked up", async () => {
    await fill(600);
    await using((run) => {
      run.find("300");
      remove("true");
      const found = numbers(600).filter((number) => run.find(String(number)) !== undefined);
      // Ids begin at 1, and blocks at multiples of 256; the one that was looked up is not kept.
      expect(found).toEqual(numbers(256, 255).filter((number) => number !== 300));
    });
  });

  it("records that are read ahead are those that looking them up would have given", async () => {
    await fill(600, (number) => (number % 7 === 0 ? `ä😀\0 ${number}`.repeat(2000) : `${number}`));
    const [inOrder, backwards] = await Promise.all(
      [numbers(600), numbers(600).toReversed()].map(async (order) => order.map(String)),
    );
    await using((run) => {
      const found = inOrder?.map((key) => run.find(key));
      expect(found).toHaveLength(600);
      for (const [number, one] of found?.entries() ?? []) {
        const body = number % 7 === 0 ? `ä😀\0 ${number}`.repeat(2000) : `${number}`;
        expect(one).toEqual({ ...record(number, body), run: 1, isSettled: false, isOwn: false });
      }
      // Once more, when they have been given out.
      expect(backwards?.map((key) => run.find(key))).toEqual(found?.toReversed());
    });
  });

  it("records that are read ahead are never served once this run has kept a newer one", async () => {
    await fill(300);
    await using(async (run) => {
      await run.append(record(7, "newer, kept before the block is read"));
      expect(run.find("0")?.body).toBe("body 0");
      await run.append(record(8, "newer, kept after it was read"));
      expect([7, 8, 9].map((number) => run.find(String(number))?.body)).toEqual([
        "newer, kept before the block is read",
        "newer, kept after it was read",
        "body 9",
      ]);
    });
  });

  it("records that are read ahead are never served once this run has kept a newer one of a block that is read later", async () => {
    await fill(600);
    await using(async (run) => {
      // By now it is known that no key had two records.
      expect(run.find("0")?.body).toBe("body 0");
      await run.append(record(300, "newer"));
      expect(run.find("301")?.body).toBe("body 301");
      expect(run.find("300")?.body).toBe("newer");
    });
  });

  it("records that are read ahead are never served where the journal has a newer one, however far behind", async () => {
    await fill(600);
    await using((run) => keep(run, [record(3, "newer"), record(5, "newer")]));
    await using((run) => {
      const found = numbers(600).map((number) => run.find(String(number))?.body);
      expect(found).toEqual(numbers(600).map((n) => (n === 3 || n === 5 ? "newer" : `body ${n}`)));
    });
  });

  it("records that are read ahead are never served in place of a newer one that a second run of the process keeps", async () => {
    await fill(300);
    await using(async (run, journal) => {
      expect(run.find("0")).toBeDefined();
      const other = await journal.begin();
      expect(other.find("1")).toBeDefined();
      await run.append(record(2, "newer"));
      expect([run.find("2")?.body, other.find("2")?.body]).toEqual(["newer", "newer"]);
    });
  });

  it("records that are read ahead tell how far their run is when they are asked for, not when they are read", async () => {
    await fill(10);
    await using(async (_, journal) => {
      const run = await journal.begin({ identity: "same" });
      await keep(run, [record(20), record(21), record(22)]);
      const again = await journal.begin({ identity: "same" });
      expect(again.find("20")).toMatchObject({ isSettled: false, isOwn: true });
      again.settle(22);
      expect([21, 22].map((number) => again.find(String(number)))).toMatchObject([
        { isSettled: true, isOwn: true },
        { isSettled: false, isOwn: true },
      ]);
    });
  });

  it("records that are read ahead are bounded: the oldest are dropped, and long bodies are left to look-ups", async () => {
    const count = 256 * 16;
    const body = (number: number): string => `${number}`.padEnd(4000, "x");
    await fill(count, (number) => (number === count - 2 ? incompressible(17_000) : body(number)));
    await using((run) => {
      for (let block = 0; block < 16; block++) run.find(String(block * 256 + 100));
      remove("true");
      const left = numbers(count).filter((number) => run.find(String(number)) !== undefined);
      // 32 MiB of at most two bytes a character and half a kilobyte for the rest.
      expect(left).toHaveLength(Math.floor((32 * 2 ** 20) / (2 * 4000 + 512)));
      expect(left.slice(-3)).toEqual([count - 5, count - 4, count - 3]);
    });
  });

  it("records that are read ahead are read once: those that are asked for again are looked up one by one", async () => {
    await fill(100);
    await using((run) => {
      for (const key of ["0", "1", "2", "1"]) expect(run.find(key)).toBeDefined();
      remove("true");
      expect([run.find("2"), run.find("3")]).toEqual([undefined, expect.anything()]);
    });
  });

  it("no more records are read ahead where most are read for nothing", async () => {
    const body = (number: number): string => `${number}`.padEnd(4000, "x");
    await fill(256 * 40, body);
    await using((run) => {
      // One of each block, and nothing of what is read along with it.
      for (const block of numbers(40)) run.find(String(block * 256 + 100));
      remove("true");
      expect(run.find(String(39 * 256 + 101))).toBeUndefined();
    });
  });

  it("a damaged record that is read ahead fails no run where nobody asks for it", async () => {
    await fill(300, (number) => (number === 200 ? incompressible(12_000) : `body ${number}`));
    damage(200);
    await using((run) => {
      expect(run.find("0")?.body).toBe("body 0");
      expect(run.find("201")?.body).toBe("body 201");
      expect(() => run.find("200")).toThrow(
        expect.objectContaining({ code: "JOURNAL_UNUSABLE", file: path() }),
      );
    });
  });
});
