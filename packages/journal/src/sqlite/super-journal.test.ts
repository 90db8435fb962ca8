import { readFile, writeFile } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { superJournal } from "../../fixtures/super-journal.ts";
import { temporaryFolder } from "../../fixtures/temporary-folder.ts";
import { inspectJournal, lockOutput, openJournal, pruneJournal } from "../index.ts";

const file = temporaryFolder();

function pagesOf(path: string): number {
  const database = new DatabaseSync(path);
  const pages = database.prepare("PRAGMA page_count").get()?.["page_count"];
  database.close();
  return Number(pages);
}

/** Plants one that names a file of the user. */
async function plantBeside(path: string): Promise<void> {
  const database = new DatabaseSync(path);
  database.exec("CREATE TABLE IF NOT EXISTS owner (pid, since)");
  database.close();
  await writeFile(file("precious.txt"), "precious");
  await writeFile(`${path}-journal`, superJournal(file("precious.txt"), pagesOf(path)));
}

it.each([
  ["a journal that is opened", "run.db", () => openJournal(file("run.db"))],
  ["a journal that is looked into", "run.db", () => inspectJournal(file("run.db"))],
  ["a journal that is pruned", "run.db", () => pruneJournal(file("run.db"), { keepRuns: 0 })],
  ["the lock of a journal", "run.db-lock", () => openJournal(file("run.db"))],
  ["the lock of an output", ".out.csv.parrot-lock", () => lockOutput(file("out.csv"))],
] as const)("a file that a super-journal beside %s names is not deleted", async (_, name, open) => {
  await (await openJournal(file("run.db"))).close();
  await plantBeside(file(name));
  await expect(open()).rejects.toThrow("-journal would make SQLite delete another file");
  expect(await readFile(file("precious.txt"), "utf8")).toBe("precious");
});

it("a super-journal is told from a journal that a kill has left, which is rolled back", async () => {
  await (await openJournal(file("run.db"))).close();
  const left = superJournal("", pagesOf(file("run.db"))).subarray(0, 512);
  await writeFile(file("run.db-journal"), left);
  const journal = await inspectJournal(file("run.db"));
  expect(journal.runs()).toEqual([]);
  journal.close();
});
