import { execFile, spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { aJob, someRequests } from "../fixtures/a-job.ts";
import { aRecord } from "../fixtures/a-record.ts";
import { temporaryFolder } from "../fixtures/temporary-folder.ts";
import { openJournal } from "./index.ts";

const file = temporaryFolder();
const readme = await readFile(join(import.meta.dirname, "../README.md"), "utf8");
const commands = Array.from(readme.matchAll(/^sqlite3 .*$/gm), ([command]) => command);

async function makeJournal(path: string): Promise<void> {
  const journal = await openJournal(path);
  const run = await journal.begin();
  await run.append({ ...aRecord("a"), body: '{"text":"Lima"}', cost: 0.5 });
  await run.append({ ...aRecord("b"), row: 1, outcome: "failure", code: "BAD_REQUEST", status: 400 });
  await run.append({ ...aRecord("c"), row: 2, body: JSON.stringify({ text: "a".repeat(9000) }) });
  await run.batches?.plan(aJob("one", someRequests("d", 2)));
  await run.batches?.change(1, { state: "open", remote: "batch_1", expiresAt: 1_700_086_400_000 });
  run.settle(2);
  await run.end("stopped");
  await journal.close();
}

describe("the README", () => {
  it.runIf(spawnSync("sqlite3", ["-version"]).status === 0)(
    "the README has commands of sqlite3 that show what they say",
    async () => {
      const path = file("run.db");
      await makeJournal(path);
      const outputs = await Promise.all(
        commands.map(async (command) => {
          const { stdout } = await promisify(execFile)("sh", ["-c", command], { cwd: dirname(path) });
          return stdout.trim().split("\n");
        }),
      );
      expect(outputs).toEqual([
        ["1|stopped|2|3|0.5"],
        ["1|BAD_REQUEST|400"],
        ["800.0|800"],
        ["0|Lima", "1|"],
        ["1|open|batch_1|0|2|2023-11-15 22:13:20"],
        ["2023-11-14 22:13:00|3"],
      ]);
    },
  );

  it("the README names every column of the file", async () => {
    const path = file("run.db");
    await makeJournal(path);
    const database = new DatabaseSync(path);
    for (const table of ["run", "answer", "batch_job", "batch_request"]) {
      const [, section = ""] = readme.split(`Table \`${table}\``);
      const named = Array.from(
        section.split("\n\n")[1]?.matchAll(/^\| (`[^|]+`) +\|/gm) ?? [],
        ([, names = ""]) => names.split(", ").map((name) => name.trim().slice(1, -1)),
      ).flat();
      const columns = database.prepare(`SELECT name FROM pragma_table_info('${table}')`).all();
      expect(named).toEqual(columns.map(({ name }) => name));
    }
    database.close();
  });
});
