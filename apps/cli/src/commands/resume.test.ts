// @module-tag slow

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startSimulator, type Simulator } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Workplace } from "../../fixtures/workplace.ts";
import { startParrot, type Finished } from "../../fixtures/run-parrot.ts";

const ROWS = 40;
const INPUT = Array.from({ length: ROWS }, (_, id) => `{"review":"The lamp is number ${id}."}\n`).join("");
const ASKS = [
  "--prompt",
  "Sentiment of: ${review}",
  "--model",
  "openai/sim",
  "--concurrency",
  "4",
  "--quiet",
];
const COMMAND = ["text", "in.jsonl", ...ASKS, "-o", "out.jsonl"];

let simulator: Simulator;
let place: Workplace;
/** Whether answers never come from now on. */
let stalls: boolean;
/** Whether the row with number 7 is refused. */
let refuses: boolean;

beforeEach(async () => {
  [stalls, refuses] = [false, false];
  simulator = await startSimulator({
    faults: ({ body }) => {
      if (stalls) return { kind: "stall" };
      const isRefused = refuses && JSON.stringify(body).includes("number 7.");
      return isRefused ? { kind: "status", status: 400 } : undefined;
    },
  });
  place = await Workplace.open(simulator);
  await place.write("in.jsonl", INPUT);
});
afterEach(async () => {
  await place.close();
  await simulator.close();
});

/** Starts a run and kills it when half of its rows are answered. */
async function begin(parameters: readonly string[], input?: string): Promise<void> {
  const child = place.start(parameters);
  child.stdin?.end(input);
  while (simulator.ledger.received < ROWS / 2) await sleep(5);
  stalls = true;
  await sleep(100);
  child.kill("SIGKILL");
  await child.finished;
  stalls = false;
}

/** The program in another terminal, where the variables and the folder may be others. */
function elsewhere(
  parameters: readonly string[],
  variables: Readonly<Record<string, string>>,
  folder = place.folder,
): Promise<Finished> {
  return startParrot(parameters, variables, folder).finished;
}

/** All that a quiet run says that is gone on with: what it is about to do. */
const goneOn = (run = 1): Finished => ({
  code: 0,
  stdout: "",
  stderr: `Going on with run ${run}: asks openai/sim at ${new URL(simulator.baseUrl).host}; reads in.jsonl, writes out.jsonl\n`,
});

const output = async (): Promise<number> => (await place.read("out.jsonl")).trim().split("\n").length;

describe("parrot resume and retry-failed", () => {
  it("resume and retry-failed ask whom the run asked, whatever the environment says by then", async () => {
    await begin(COMMAND);
    const { apiKey } = simulator;
    const variables = { OPENAI_API_KEY: apiKey, OPENAI_BASE_URL: "http://127.0.0.1:9/v1" };
    expect(await elsewhere(["resume", "--quiet"], variables)).toEqual(goneOn());
    expect([await output(), simulator.ledger.byBody().size]).toEqual([ROWS, ROWS]);
    const explained = await elsewhere(["explain", ...COMMAND], variables);
    expect(explained.stdout).toContain(
      `40 asked again, as the base URL (${simulator.baseUrl} → http://127.0.0.1:9/v1) changed since run 1`,
    );
  });

  it.each([
    ["names of files", ["--key-file", "mine"]],
    [
      "a key command",
      ["--key-command", `"${process.execPath}" -p "require('fs').readFileSync('mine', 'utf8')"`],
    ],
  ])("resume and retry-failed take %s from the folder where they are typed", async (_, key) => {
    await begin(COMMAND);
    await place.makeFolder("keys");
    await place.write("keys/mine", simulator.apiKey);
    await place.write("mine", "not the key that is meant");
    const typed = ["resume", "--quiet", "--journal", "../.parrot/journal.db", ...key];
    expect(await elsewhere(typed, {}, join(place.folder, "keys"))).toEqual(goneOn());
    expect(await output()).toBe(ROWS);
  });

  it.each(["resume", "retry-failed", "journal show", "journal prune --keep-last 1"])(
    "parrot resume and retry-failed say where to go from a folder without a journal: parrot %s",
    async (command) => {
      expect(await place.run(...command.split(" "))).toEqual({
        code: 2,
        stdout: "",
        stderr:
          "parrot: There is no journal .parrot/journal.db: go to the folder where the run was begun, or name its journal with --journal FILE\n",
      });
    },
  );

  it("resume and retry-failed say how to go on with an input that can be read only once", async () => {
    await begin(["text", "-", "--from", "jsonl", ...ASKS, "-o", "out.jsonl"], INPUT);
    const gone = { code: 2, stderr: expect.stringContaining("Type its command again with the same input") };
    expect(await place.run("resume")).toMatchObject(gone);
    expect(await place.run("resume", "1")).toMatchObject(gone);
  });

  it.skipIf(process.platform === "win32")(
    "resume and retry-failed do not wait for a pipe that nobody writes to",
    async () => {
      spawnSync("mkfifo", [place.path("pipe")]);
      const written = place.write("pipe", INPUT);
      await begin(["text", "pipe", "--from", "jsonl", ...ASKS, "-o", "out.jsonl"]);
      await written;
      expect(await place.run("resume")).toMatchObject({
        code: 2,
        stderr: expect.stringContaining("standard input or a pipe, which is gone"),
      });
    },
  );

  it("resume and retry-failed do not replace what was changed by hand since, whatever the run was allowed", async () => {
    refuses = true;
    expect(await place.run(...COMMAND, "--overwrite")).toMatchObject({ code: 3 });
    await place.write("out.jsonl", "mine");
    for (const command of [["retry-failed"], ["resume", "1"]]) {
      const { code, stderr } = await place.run(...command);
      expect([code, stderr]).toEqual([2, expect.stringContaining("out.jsonl: it exists")]);
    }
    expect(await place.read("out.jsonl")).toBe("mine");
    refuses = false;
    expect(await place.run("retry-failed", "--overwrite", "--quiet")).toEqual(goneOn());
    expect(await output()).toBe(ROWS);
  });

  it.each(["resume", "retry-failed"])("%s goes on with a retry that was killed", async (command) => {
    refuses = true;
    expect(await place.run(...COMMAND)).toMatchObject({ code: 3 });
    [refuses, stalls] = [false, true];
    const child = place.start(["retry-failed", "--quiet"]);
    while (simulator.ledger.received === ROWS) await sleep(5);
    child.kill("SIGKILL");
    await child.finished;
    stalls = false;
    expect(await place.run(command, "--quiet")).toEqual(goneOn(2));
    expect(await output()).toBe(ROWS);
  });

  it("resume and retry-failed do not ask for a run that only read stored answers", async () => {
    refuses = true;
    await place.run(...COMMAND);
    await place.run(...COMMAND, "--reparse", "--output-key", "mood", "--overwrite");
    expect(await place.run("retry-failed")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(
        "run 2 only read stored answers; to ask for new ones, type its command without --reparse",
      ),
    });
  });
});
