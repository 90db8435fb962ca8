// @module-tag slow

import { chmod, cp, mkdir, rename } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { startSimulator, type Simulator } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { changeAsOwner } from "../../fixtures/sign-again.ts";
import { Workplace } from "../../fixtures/workplace.ts";

const ROWS = 6;
const INPUT = Array.from({ length: ROWS }, (_, id) => `{"review":"The lamp is number ${id}."}\n`).join("");
const COMMAND = [
  "text",
  "in.jsonl",
  "--prompt",
  "Sentiment of: ${review}",
  "--model",
  "openai/sim",
  "--concurrency",
  "1",
  "-o",
  "out.jsonl",
];
/** The same, stopped half-way. */
const HALF = [...COMMAND, "--max-requests", "3"];
const GO_ON = ["resume", "--max-requests", "99", "--quiet"];

let simulator: Simulator;
let place: Workplace;

beforeEach(async () => {
  simulator = await startSimulator({});
  place = await Workplace.open(simulator);
  await place.write("in.jsonl", INPUT);
});
afterEach(async () => {
  await place.close();
  await simulator.close();
});

function change(sql: string): void {
  const database = new DatabaseSync(place.path(".parrot/journal.db"));
  if ("enableDefensive" in database) database.enableDefensive(false);
  database.exec(sql);
  database.close();
}

/** As a version has left it that did not sign. */
function toVersion1(): void {
  const columns = ["run", "answer"].flatMap((table) =>
    ["sha256", "seal"].map((column) => `ALTER TABLE ${table} DROP COLUMN ${column};`),
  );
  const jobs =
    "ALTER TABLE answer DROP COLUMN batch_job; DROP TABLE batch_request; DROP TABLE batch_job; PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE name = 'sqlite_sequence'; PRAGMA writable_schema = RESET;";
  change(`${jobs} ${columns.join("")} PRAGMA user_version = 1`);
}

describe("a run of one's own", () => {
  it("a run of one's own is resumed without questions and says first what it is about to do, also with --quiet", async () => {
    expect(await place.run(...HALF)).toMatchObject({ code: 4 });
    const { host } = new URL(simulator.baseUrl);
    expect(await place.run(...GO_ON)).toEqual({
      code: 0,
      stdout: "",
      stderr: `Going on with run 1: asks openai/sim at ${host}; reads in.jsonl, writes out.jsonl\n`,
    });
    expect(simulator.ledger.received).toBe(ROWS);
  });

  it("a resumed run takes its key from the file that is named now, and says so where none is named", async () => {
    await place.write("the.key", simulator.apiKey);
    delete place.environment["OPENAI_API_KEY"];
    const stopped = await place.run(...HALF, "--key-file", "the.key");
    expect(stopped.stderr).toContain(
      "Go on with: parrot resume --key-file the.key, with a larger --max-requests",
    );
    place.environment["OPENAI_API_KEY"] = "of another account";
    for (const command of ["resume", "retry-failed"]) {
      const refused = await place.run(command, "1");
      expect(refused).toMatchObject({ code: 2, stdout: "" });
      expect(refused.stderr).toContain(
        `name it again: parrot ${command} --key-file ${place.path("the.key")}`,
      );
    }
    expect(simulator.ledger.received).toBe(3);
    expect(await place.run(...GO_ON, "--key-file", "the.key")).toMatchObject({ code: 0 });
  });

  it("a resumed run replaces an older output only where --overwrite is given again", async () => {
    await place.write("out.jsonl", "mine");
    const stopped = await place.run(...HALF, "--overwrite");
    expect(stopped.stderr).toContain("Go on with: parrot resume --overwrite");
    expect(await place.run(...GO_ON)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("out.jsonl: it exists"),
    });
    expect(await place.read("out.jsonl")).toBe("mine");
    expect(await place.run(...GO_ON, "--overwrite")).toMatchObject({ code: 0 });
    expect(simulator.ledger.received).toBe(ROWS);
  });

  it("a run is not resumed in a copy of its folder, or where the folder was moved", async () => {
    await place.run(...HALF);
    await mkdir(place.path("copy"));
    await cp(place.path("in.jsonl"), place.path("copy/in.jsonl"));
    await cp(place.path(".parrot"), place.path("copy/.parrot"), { recursive: true });
    const copied = await place.startIn("copy", GO_ON).finished;
    expect(copied).toMatchObject({ code: 2, stdout: "" });
    expect(copied.stderr).toContain(
      `it was begun when its journal was ${place.path(".parrot/journal.db")}, and from here the names of its files`,
    );
    expect(copied.stderr).toContain(
      "type it: parrot text in.jsonl --output out.jsonl --on-failure null --prompt 'Sentiment of: ${review}' --model openai/sim --concurrency 1 --max-requests 3\n",
    );
    expect(await place.files()).not.toContain("out.jsonl");
    // The command itself finds what was paid for.
    expect(await place.startIn("copy", COMMAND).finished).toMatchObject({ code: 0 });
    expect([simulator.ledger.received, await place.read("copy/out.jsonl")]).toEqual([
      ROWS,
      expect.stringContaining("number 5"),
    ]);
    await mkdir(place.path("new"));
    await rename(place.path(".parrot"), place.path("new/.parrot"));
    expect(await place.startIn("new", GO_ON).finished).toMatchObject({ code: 2 });
  });

  it("a run whose options have no fitting values is refused by the name of the option", async () => {
    await place.run(...HALF);
    const journal = place.path(".parrot/journal.db");
    for (const [options, flag] of [
      ["json_set(manifest -> '$.job.options', '$.prompt', json('[{}]'))", "--prompt"],
      ["json('{}')", "--output"],
    ] as const) {
      changeAsOwner(journal, `UPDATE run SET manifest = json_set(manifest, '$.job.options', ${options})`);
      const { code, stderr } = await place.run(...GO_ON);
      expect([code, stderr]).toEqual([2, expect.stringContaining(`no value that fits ${flag}`)]);
    }
  });

  it("damaged answers are told and asked again", async () => {
    await place.run(...COMMAND);
    change("UPDATE answer SET body = replace(body, 'content', 'c0ntent') WHERE id <= 2");
    change("UPDATE answer SET seal = NULL WHERE id = 3");
    const again = await place.run(...COMMAND, "--output-key", "mood", "-o", "other.jsonl");
    expect(again.code).toBe(0);
    expect(again.stderr).toContain("2 answers of the journal are damaged: what was kept has changed");
    expect(again.stderr).toContain(
      "1 answer of the journal is not signed by you: somebody else has added to it",
    );
    expect(simulator.ledger.received).toBe(ROWS + 3);
  });
});

describe("a run that is not signed by this user", () => {
  /** Another machine, or another user: another secret. */
  const elsewhere = (): void => {
    place.environment["XDG_STATE_HOME"] = place.path("state");
  };

  it.each([
    ["of another machine", elsewhere],
    ["of an earlier version", toVersion1],
  ])("%s stops the same command until its answers are trusted, and is not resumed", async (_, become) => {
    await place.run(...HALF);
    become();
    expect(await place.run(...GO_ON)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("add --trust-journal to use the answers that are there"),
    });
    const refused = await place.run(...COMMAND);
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    expect(refused.stderr).toMatch(/run 1 with 3 requests, not signed by you.* use --trust-journal to sign/);
    expect(simulator.ledger.received).toBe(3);
    // What a stranger's run has left is not replaced without a word either.
    const kept = await place.run(...COMMAND, "--trust-journal");
    expect(kept).toMatchObject({ code: 2, stderr: expect.stringContaining("out.partial.jsonl holds") });
    expect(kept.stderr).toContain("3 answers in .parrot/journal.db signed as yours");
    const trusted = await place.run(...COMMAND, "--trust-journal", "--overwrite");
    expect(trusted.code).toBe(0);
    expect(simulator.ledger.received).toBe(ROWS);
    // Once is enough.
    const again = await place.run(...COMMAND);
    expect(again).toMatchObject({ code: 0, stderr: expect.stringContaining("Nothing to do") });
    expect((await place.run("journal", "show")).stdout).toMatch(
      /^1 {2}run, stopped .*, by others; its answers are yours\n[\s\S]*\n2 {2}run, finished \S+ \S+, took [^,\n]+\n/,
    );
  });

  it("a run without a place for its signature goes on, and says what follows from that", async () => {
    await place.write("file", "");
    place.environment["XDG_STATE_HOME"] = place.path("file");
    const first = await place.run(...HALF);
    expect(first.stderr).toContain("There is no place for your signature (ENOTDIR");
    expect(first.stderr).toContain("will need --trust-journal");
    expect(first.stderr).toContain(
      "Go on with: the same command, with the same input, --trust-journal and --ov",
    );
    expect(await place.run(...GO_ON)).toMatchObject({ code: 2 });
    expect(await place.run(...COMMAND, "--trust-journal", "--overwrite")).toMatchObject({ code: 0 });
    expect(simulator.ledger.received).toBe(ROWS);
  });

  it.skipIf(process.platform === "win32")(
    "a signed run is not looked for in a journal that others may change",
    async () => {
      await place.run(...HALF);
      await chmod(place.path(".parrot"), 0o777);
      for (const command of [GO_ON, COMMAND, ["journal", "show"], ["retry-failed"]]) {
        const { code, stderr } = await place.run(...command);
        expect([code, stderr]).toEqual([2, expect.stringContaining("chmod go-w ")]);
      }
    },
  );
});
