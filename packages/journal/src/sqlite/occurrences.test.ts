// @module-tag slow

import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { array, assert, integer, property } from "fast-check";
import { Occurrences } from "../index.ts";

/** Mounting a small disk needs root; elsewhere this test is skipped, and shown so. */
const MAY_MOUNT = process.getuid?.() === 0 && spawnSync("unshare", ["--mount", "true"]).status === 0;

/** The texts' counts as a map that holds all of them would give them. */
function expected(texts: readonly string[]): number[] {
  const counts = new Map<string, number>();
  return texts.map((text) => {
    const count = counts.get(text) ?? 0;
    counts.set(text, count + 1);
    return count;
  });
}

function counted(texts: readonly string[]): number[] {
  const occurrences = new Occurrences();
  try {
    const counts = texts.map((text) => occurrences.next(text));
    expect(occurrences.distinct).toBe(new Set(texts).size);
    return counts;
  } finally {
    occurrences.close();
  }
}

describe("occurrences", () => {
  it.each([
    ["in memory", 100],
    ["at the last one in memory", 4096],
    ["at the first one on the disk", 4097],
    ["on the disk", 150_000],
  ])("occurrences of equal texts are counted exactly, %s", (_where, distinct) => {
    // Each comes up to three times, near and far from the time before.
    const texts = Array.from({ length: 2 * distinct }, (_, place) => `${(place * 7919) % distinct}`);
    for (let place = 0; place < distinct; place += 5) texts.push(`${place}`, `${place}`);
    expect(counted(texts)).toEqual(expected(texts));
  });

  it("occurrences are counted of any texts, in any order", () => {
    assert(
      property(
        array(integer({ min: 0, max: 6000 }), { maxLength: 200 }),
        integer({ min: 0, max: 5000 }),
        (some, first) => {
          const texts = [...Array.from({ length: first }, (_, place) => place), ...some].map(String);
          expect(counted(texts)).toEqual(expected(texts));
        },
      ),
      { numRuns: 30 },
    );
  });

  it("counting occurrences tells texts apart that differ in one character", () => {
    const texts = ["", "a", "A", "ä", "a\u0308", "a ", " a", "a\u0000"];
    expect(counted(texts)).toEqual(texts.map(() => 0));
  });

  it("counting occurrences leaves no file behind in the folder that is named", async () => {
    const folder = await mkdtemp(join(tmpdir(), "parrot-counts-"));
    try {
      expect(countIn(folder)).toBe("[0] true []\n");
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it.skipIf(!MAY_MOUNT)(
    "counting occurrences says what to do where the folder for temporary files is full",
    async () => {
      const folder = await mkdtemp(join(tmpdir(), "parrot-counts-"));
      try {
        expect(spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder]).status).toBe(0);
        expect(countIn(folder)).toMatch(/^JOURNAL_FAILED .*temporary file: .*full.*SQLITE_TMPDIR/);
      } finally {
        spawnSync("umount", [folder]);
        await rm(folder, { recursive: true });
      }
    },
  );
});

/** Counts many texts in a process of its own, as SQLite looks the folder up there. */
function countIn(folder: string): string {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ["--conditions=@parallel-parrot/source", "--input-type=module", "-e", COUNTS, folder],
    { cwd: import.meta.dirname, encoding: "utf8", env: { ...process.env, SQLITE_TMPDIR: folder } },
  );
  return stdout + stderr;
}

const COUNTS = `
import { readdirSync, statfsSync } from "node:fs";
import { Occurrences } from "../index.ts";
const folder = process.argv[1];
const occurrences = new Occurrences();
try {
  const counts = new Set(Array.from({ length: 200_000 }, (_, place) => occurrences.next(String(place))));
  console.log(JSON.stringify([...counts]), occurrences.next("0") === 1, readdirSync(folder));
} catch ({ code, message }) {
  console.log(code, message);
}
`;
