// @module-tag slow

import { symlink } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { startSimulator, type Simulator } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Workplace } from "../../fixtures/workplace.ts";

const ROWS = 60;
const LOCKS = /^out\/.*\.parrot-lock/;

let simulator: Simulator;
let place: Workplace;

beforeEach(async () => {
  simulator = await startSimulator({ latency: { kind: "fixed", ms: 30 } });
  place = await Workplace.open(simulator);
  await place.makeFolder("out");
  await symlink(place.path("out"), place.path("link"));
  await place.write("in.jsonl", Array.from({ length: ROWS }, (_, id) => `{"id":${id}}\n`).join(""));
});
afterEach(async () => {
  await place.close();
  await simulator.close();
});

const command = (...parameters: readonly string[]): readonly string[] => [
  ..."text in.jsonl --prompt ${id} --model openai/sim --quiet".split(" "),
  ...parameters,
];
const isAsking = async (): Promise<void> => {
  while (simulator.ledger.received === 0) await sleep(5);
};
const locks = async (): Promise<string[]> => (await place.files()).filter((name) => LOCKS.test(name));

const FIRST = ["-o", "out/out.jsonl", "--no-journal", "--concurrency", "2"];
const SECONDS: readonly (readonly [string, string, readonly string[]])[] = [
  ["the same command", "out/out.jsonl", FIRST],
  ["another journal", "out/out.jsonl", ["-o", "out/out.jsonl", "--journal", "other.db"]],
  ["another way to the output", "link/out.jsonl", ["-o", "link/out.jsonl", "--no-journal"]],
  ["--overwrite", "out/out.jsonl", [...FIRST, "--overwrite"]],
  [
    "the same list of failed rows",
    "out/out.jsonl.failed.jsonl",
    ["-o", "out/other.jsonl", "--no-journal", "--failed", "out/out.jsonl.failed.jsonl"],
  ],
  [
    "its output where the other lists failed rows",
    "out/out.jsonl.failed.jsonl",
    ["-o", "out/out.jsonl.failed.jsonl", "--no-journal", "--failed", "out/failed.jsonl"],
  ],
];

describe.skipIf(process.platform === "win32")("two runs with one output", () => {
  it.each(SECONDS)(
    "a second run with the same output, with %s, is refused before it asks anything",
    async (_, path, parameters) => {
      const first = place.start(command(...FIRST));
      await isAsking();
      // It stands still for as long as the other one takes.
      first.kill("SIGSTOP");
      const before = await place.files();
      const second = await place.run(...command(...parameters));
      expect(second).toMatchObject({ code: 2, stdout: "" });
      expect(second.stderr).toContain(
        `Cannot write ${path}: it is being written by process ${first.pid} since `,
      );
      expect(second.stderr).toMatch(/choose another name with (?:-o|--failed)\n$/);
      expect((await place.files()).filter((name) => !name.startsWith("other.db"))).toEqual(before);
      first.kill("SIGCONT");
      expect(await first.finished).toMatchObject({ code: 0, stderr: "" });
      // Only the first has asked.
      expect(simulator.ledger.received).toBe(ROWS);
      expect((await place.read("out/out.jsonl")).trim().split("\n")).toHaveLength(ROWS);
      expect(await locks()).toEqual([]);
    },
  );

  it.each(["SIGKILL", "SIGINT", "SIGTERM"] as const)(
    "a run after one that ended with %s may write the output",
    async (signal) => {
      const first = place.start(command(...FIRST));
      await isAsking();
      first.kill(signal);
      await first.finished;
      // What a killed one has left stands in nobody's way.
      expect(await locks()).toHaveLength(signal === "SIGKILL" ? 2 : 0);
      expect(await place.run(...command(...FIRST, "--overwrite"))).toMatchObject({ code: 0, stderr: "" });
      expect(await locks()).toEqual([]);
    },
  );

  it("exactly one of many runs with one output writes at a time", async () => {
    const runs = Array.from({ length: 6 }, async (_, number) => {
      await sleep(number * 30);
      return place.run(...command(...FIRST, "--overwrite"));
    });
    const codes = (await Promise.all(runs)).map(({ code }) => code);
    const finished = codes.filter((code) => code === 0).length;
    expect(finished).toBeGreaterThan(0);
    expect(codes.filter((code) => code === 2)).toHaveLength(codes.length - finished);
    expect(simulator.ledger.received).toBe(finished * ROWS);
    expect(await locks()).toEqual([]);
  });
});

const OTHERS: readonly (readonly [string, string, readonly string[]])[] = [
  ["explode", '{"id":[1]}\n', ["--column", "id", "-o", "out/out.jsonl"]],
  ["finetune", '{"id":1}\n', ["--prompt-column", "id", "--completion-column", "id", "-o", "out/out.jsonl"]],
];

describe.skipIf(process.platform === "win32")("two commands with one output that ask no model", () => {
  it.each(OTHERS)("parrot %s is refused while another process writes it", async (name, row, parameters) => {
    // It waits for its input.
    const first = place.start([name, "-", "--from", "jsonl", ...parameters]);
    first.stdin?.write(row);
    await hasLock();
    for (const second of [
      [name, "in.jsonl", ...parameters, "--overwrite"],
      command("-o", "out/out.jsonl", "--no-journal", "--overwrite"),
    ]) {
      const { code, stderr } = await place.run(...second);
      expect({ code, stderr }).toMatchObject({ code: 2 });
      expect(stderr).toContain(
        `Cannot write out/out.jsonl: it is being written by process ${first.pid} since `,
      );
      expect(stderr).toMatch(/choose another name with -o\n$/);
    }
    first.stdin?.end();
    expect(await first.finished).toMatchObject({ code: 0 });
    expect(simulator.ledger.received).toBe(0);
    expect(await locks()).toEqual([]);
  });
});

async function hasLock(): Promise<void> {
  while ((await locks()).length === 0) await sleep(5);
}
