// @module-tag slow

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { appendFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { startSimulator, type Simulator } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { JOURNAL_FILES, Workplace } from "../../fixtures/workplace.ts";
import { interrupt, TEST_ENVIRONMENT } from "../../fixtures/run-parrot.ts";

/** Mounting a small disk needs root; elsewhere these tests are skipped, and shown so. */
const MAY_MOUNT = process.getuid?.() === 0 && spawnSync("unshare", ["--mount", "true"]).status === 0;

const PROGRAM = join(import.meta.dirname, "../../dist/main.js");
const ROWS = 200;
const CONCURRENCY = 10;
const COMMAND = [
  "text",
  "in.jsonl",
  "--prompt",
  "Summarise: ${text}",
  "--model",
  "openai/sim",
  "-o",
  "out/out.jsonl",
  "--concurrency",
  String(CONCURRENCY),
];
const INPUT = Array.from(
  { length: ROWS },
  (_, id) => `${JSON.stringify({ id, text: `Lamp ${id} gives light. ${"It was made. ".repeat(40)}` })}\n`,
).join("");

let simulator: Simulator;
let place: Workplace;
/** Whether answers never come from now on. */
let stalls: boolean;

beforeEach(async () => {
  stalls = false;
  simulator = await startSimulator({
    latency: { kind: "fixed", ms: 30 },
    faults: () => (stalls ? { kind: "stall" } : undefined),
  });
  place = await Workplace.open(simulator);
  await place.write("in.jsonl", INPUT);
  await place.makeFolder("out");
});
afterEach(async () => {
  await place.close();
  await simulator.close();
});

async function received(count: number): Promise<void> {
  while (simulator.ledger.received < count) await sleep(5);
}

/** Takes all the room there is on a disk. */
function fill(file: string): void {
  for (let size = 2 ** 20; size >= 1;) {
    try {
      appendFileSync(file, Buffer.alloc(size));
    } catch {
      size /= 2;
    }
  }
}

/** What the output is to be in the end: that of a run of its own elsewhere. */
async function undisturbed(): Promise<string> {
  const other = await Workplace.open(simulator);
  await other.write("in.jsonl", INPUT);
  await other.makeFolder("out");
  expect(await other.run(...COMMAND, "--quiet")).toMatchObject({ code: 0 });
  const output = await other.read("out/out.jsonl");
  await other.close();
  return output;
}

/** Goes on; gives how many requests were sent twice. */
async function goOn(): Promise<number> {
  stalls = false;
  expect(await place.run("resume", "--quiet")).toEqual({
    code: 0,
    stdout: "",
    stderr: expect.stringMatching(/^Going on with run 1: .*\n$/),
  });
  const repeated = simulator.ledger.received - simulator.ledger.byBody().size;
  expect(await place.files()).toEqual(["in.jsonl", "out", "out/out.jsonl", ...JOURNAL_FILES].toSorted());
  expect((await place.read("out/out.jsonl")) === (await undisturbed())).toBe(true);
  return repeated;
}

describe("signals", () => {
  it("the first Ctrl-C keeps what is in flight and tells how to go on, which asks for nothing twice", async () => {
    const child = place.start(COMMAND);
    await received(50);
    child.kill("SIGINT");
    const { code, stderr } = await child.finished;
    expect(code).toBe(130);
    expect(stderr).toContain("Every answer is kept. Go on with: parrot resume");
    expect(simulator.ledger.received).toBeLessThan(ROWS);
    expect(await goOn()).toBe(0);
  });

  it("the second Ctrl-C ends at once, and only what was in flight is asked again", async () => {
    const child = place.start(COMMAND);
    await received(50);
    stalls = true;
    await received(simulator.ledger.received + CONCURRENCY);
    await interrupt(child);
    child.kill("SIGINT");
    const { code, stderr } = await child.finished;
    expect([code, stderr]).toEqual([130, expect.stringContaining("\n10 requests in flight abandoned; ")]);
    expect(await goOn()).toBeLessThanOrEqual(CONCURRENCY);
  });

  it("SIGTERM awaits what is in flight for --grace seconds", async () => {
    const child = place.start([...COMMAND, "--grace", "0.1"]);
    await received(50);
    stalls = true;
    await received(simulator.ledger.received + CONCURRENCY);
    child.kill("SIGTERM");
    const { code, stderr } = await child.finished;
    expect(code).toBe(143);
    expect(stderr).toContain("Stopping: waiting for up to 0.1 s for ");
    expect(await goOn()).toBeLessThanOrEqual(CONCURRENCY);
  });

  it("a kill while it is stopping loses no more than what is in flight", async () => {
    const child = place.start(COMMAND);
    await received(50);
    stalls = true;
    await received(simulator.ledger.received + CONCURRENCY);
    await interrupt(child);
    child.kill("SIGKILL");
    expect((await child.finished).code).toBe(null);
    expect(await goOn()).toBeLessThanOrEqual(CONCURRENCY);
  });
});

/** Answers that are not on the disk yet when it is full are asked again too. */
const MOST_REPEATED = 3 * CONCURRENCY;

describe.skipIf(process.platform === "win32")("a disk that fails", () => {
  it.skipIf(!MAY_MOUNT).each([
    ["the output", "out", 100],
    ["the journal", ".parrot", 160],
  ])(
    "a run with %s on a full disk says what is kept, and loses nothing of that",
    async (what, folder, kib) => {
      await place.makeFolder(folder);
      const mount = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${kib}k`, "tmpfs", place.path(folder)]);
      expect(mount.status).toBe(0);
      try {
        const { code, stderr } = await place.run(...COMMAND);
        expect({ code, stderr }).toMatchObject({ code: 4 });
        expect(stderr).toContain(
          what === "the output" ? "Cannot write out/out.jsonl: ENOSPC" : "journal.db failed: ",
        );
        // Where the rows are is said once.
        expect(stderr.match(/rows (?:are )?in out\/out\.partial\.jsonl/g)).toHaveLength(1);
        spawnSync("mount", ["-o", "remount,size=100m", place.path(folder)]);
        expect(await goOn()).toBeLessThanOrEqual(MOST_REPEATED);
      } finally {
        spawnSync("umount", [place.path(folder)]);
      }
    },
  );

  it.skipIf(!MAY_MOUNT)("a disk that fills up in mid-run has room for the answers in flight", async () => {
    await place.makeFolder(".parrot");
    const mount = spawnSync("mount", ["-t", "tmpfs", "-o", "size=100m", "tmpfs", place.path(".parrot")]);
    expect(mount.status).toBe(0);
    try {
      const child = place.start(COMMAND);
      await received(50);
      fill(place.path(".parrot/filler"));
      const { code, stderr } = await child.finished;
      expect({ code, stderr }).toMatchObject({ code: 4 });
      expect(stderr).toContain("Go on with: parrot resume");
      expect(simulator.ledger.received).toBeLessThan(ROWS);
      await rm(place.path(".parrot/filler"));
      expect(await goOn()).toBe(0);
    } finally {
      spawnSync("umount", [place.path(".parrot")]);
    }
  });

  it.skipIf(!MAY_MOUNT)(
    "a small disk that fills up: what is lost is told, and counts against the budget",
    async () => {
      await place.makeFolder(".parrot");
      // No room for a reserve that would hold what is in flight.
      const mount = spawnSync("mount", ["-t", "tmpfs", "-o", "size=400k", "tmpfs", place.path(".parrot")]);
      expect(mount.status).toBe(0);
      try {
        const price = ["--price", "input=1,output=1"];
        const child = place.start([...COMMAND.with(9, "100"), ...price]);
        await received(20);
        fill(place.path(".parrot/filler"));
        const { code, stderr } = await child.finished;
        expect({ code, stderr }).toMatchObject({ code: 4 });
        const sent = simulator.ledger.received;
        await rm(place.path(".parrot/filler"));
        const shown = await place.run("journal", "show", "--json");
        const [run] = (JSON.parse(shown.stdout) as { runs: { usage: { requests: number } }[] }).runs;
        const records = (await place.run("journal", "export")).stdout.split("\n").length - 1;
        expect(records).toBeLessThan(sent);
        // The sentence is true, and what was paid for and lost is told.
        expect(stderr).toContain(`${sent - records} answers that were paid for could not be kept`);
        expect(stderr).toMatch(
          /input tokens, \d+ output tokens; \$[\d.]+\); what that cost counts against the budget/,
        );
        expect(stderr).toContain("All other answers are kept. Go on with: parrot resume");
        expect(stderr).not.toContain("Every answer is kept");
        expect(run?.usage.requests).toBe(sent);
      } finally {
        spawnSync("umount", [place.path(".parrot")]);
      }
    },
  );

  it.each(["its folder", "the file"])(
    "a journal of which %s is removed in mid-run is kept elsewhere, and that is told",
    async (what) => {
      const child = place.start(COMMAND);
      await received(50);
      const isFolder = what === "its folder";
      await rm(place.path(isFolder ? ".parrot" : ".parrot/journal.db"), { recursive: true });
      const { code, stderr } = await child.finished;
      expect({ code, stderr }).toMatchObject({ code: 4 });
      expect(stderr).toContain("was removed or replaced while it was in use");
      const anew = isFolder ? "" : " --journal .parrot/journal.db.kept-2";
      expect(stderr).toContain(`Every answer is kept. Go on with: parrot resume${anew}\n`);
      expect(simulator.ledger.received).toBeLessThan(ROWS);
      const resumed = await place.run("resume", ...anew.split(" ").filter((word) => word !== ""), "--quiet");
      expect(resumed).toMatchObject({ code: 0 });
      // Nothing is asked twice.
      expect(simulator.ledger.received).toBe(ROWS);
    },
  );

  it.skipIf(process.platform !== "linux")("a full disk behind standard output is told", async () => {
    const full = async (...parameters: readonly string[]): Promise<unknown> => {
      const shell = ["-c", 'exec "$@" > /dev/full', "sh", process.execPath, PROGRAM, ...parameters];
      const child = spawn("sh", shell, {
        cwd: place.folder,
        env: { ...TEST_ENVIRONMENT, ...place.environment },
      });
      const [stderr] = await Promise.all([text(child.stderr), once(child, "close")]);
      return [child.exitCode, stderr.split("\n").at(-2)];
    };
    expect(await full(...COMMAND.with(7, "-"))).toEqual([
      4,
      expect.stringMatching(
        /^Stopped: \d+ rows? answered, in \d+\.\d s\. Every answer is kept\. Go on with: parrot resume$/,
      ),
    ]);
    expect(await full("journal", "export")).toEqual([2, "parrot: ENOSPC: no space left on device, write"]);
  });

  it.each(["out", "out/out.partial.jsonl"])(
    "a run whose %s is removed in mid-run keeps its answers",
    async (name) => {
      const child = place.start(COMMAND);
      await received(50);
      await rm(place.path(name), { recursive: true });
      const { code, stderr } = await child.finished;
      expect(code).toBe(4);
      expect(stderr).toContain("out/out.jsonl");
      await place.makeFolder("out");
      expect(await goOn()).toBe(0);
    },
  );
});
