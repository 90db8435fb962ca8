// @module-tag slow

import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startSimulatorProcess, type SimulatorProcess } from "../../fixtures/simulator-process.ts";
import { startParrot, type Finished } from "../../fixtures/run-parrot.ts";

/** Kills in all. The long form is `pnpm test:long kills`. */
const KILLS = Number(process.env["PARROT_KILLS"] ?? 10);
const ROWS = KILLS <= 20 ? 1500 : 8000;
const CONCURRENCY = 60;

/** What goes wrong follows from the words of a row, so that it does not matter when it is sent. */
function reviewOf(id: number): string {
  const fate = id % 77 === 5 ? "[refused] " : id % 13 === 3 ? "[mended] " : "";
  return `${fate}The lamp number ${id} is good. I like it.`;
}

let folder: string;
let simulator: SimulatorProcess;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "parrot-kill-"));
  simulator = await startSimulatorProcess({ latency: { kind: "lognormal", medianMs: 30, p99Ms: 300 } });
  const rows = Array.from({ length: ROWS }, (_, id) => `${id},${reviewOf(id)}`);
  await writeFile(join(folder, "in.csv"), `id,review\n${rows.join("\n")}\n`);
});
afterEach(async () => {
  await simulator.close();
  await rm(folder, { recursive: true });
});

const start = (...parameters: readonly string[]): ReturnType<typeof startParrot> =>
  startParrot(
    [...parameters, "--quiet", "--concurrency", String(CONCURRENCY)],
    { OPENAI_API_KEY: simulator.apiKey, OPENAI_BASE_URL: simulator.baseUrl },
    folder,
  );
const read = (name: string): Promise<string> => readFile(join(folder, name), "utf8");

/** Lets a run of the program go on for a while and kills it; what it came to where it ended before. */
async function runAndKill(parameters: readonly string[]): Promise<Finished | undefined> {
  const child = start(...parameters);
  await Promise.race([child.finished, sleep(250 + Math.random() * 900)]);
  child.kill("SIGKILL");
  const finished = await child.finished;
  return finished.code === null ? undefined : finished;
}

const COMMANDS: readonly (readonly [string, string, readonly string[]])[] = [
  ["text", "out.csv", ["text", "in.csv", "--prompt", "Sentiment of: ${review}", "--n", "2"]],
  [
    "data",
    "out.jsonl",
    ["data", "in.csv", "--prompt", "Question and answer pairs about: ${review}", "--keys", "question,answer"],
  ],
];

describe("parrot under kill -9", () => {
  it.each(COMMANDS)(
    "%s: loses no row, doubles none, and asks again only for what was in flight",
    { timeout: 600_000 + KILLS * 10_000 },
    async (_name, output, command) => {
      const undisturbed = await start(
        ...command,
        "--model",
        "openai/sim",
        "-o",
        `whole-${output}`,
        "--journal",
        "whole.db",
      ).finished;
      expect(undisturbed).toEqual({ ...undisturbed, code: 3 });
      const asked = (await simulator.ledger()).received;

      const typed = [...command, "--model", "openai/sim", "-o", output];
      let kills = 0;
      let finished: Finished | undefined;
      while (kills < KILLS / COMMANDS.length && finished === undefined) {
        // The first one must have begun the run.
        const hasJournal = (await readdir(folder)).includes(".parrot") && kills > 1;
        finished = await runAndKill(hasJournal && kills % 2 === 1 ? ["resume"] : typed);
        if (finished === undefined) kills += 1;
        else if (finished.code === 2) finished = undefined;
        const partial = await read(`out.partial.${output.split(".")[1] ?? ""}`).catch(() => "");
        const whole = partial.slice(0, partial.lastIndexOf("\n") + 1);
        expect((await read(`whole-${output}`)).startsWith(whole)).toBe(true);
      }
      finished ??= await start(...typed).finished;
      expect(finished).toEqual({ ...finished, code: 3 });
      expect(kills).toBeGreaterThan(0);

      expect(await read(output)).toBe(await read(`whole-${output}`));
      expect(await read(`${output}.failed.jsonl`)).toBe(await read(`whole-${output}.failed.jsonl`));
      const repeated = (await simulator.ledger()).received - 2 * asked;
      expect(repeated).toBeLessThanOrEqual(kills * CONCURRENCY);
      const left = (await readdir(folder)).filter((name) => !name.startsWith("whole") && name !== ".parrot");
      expect(left.toSorted()).toEqual(["in.csv", output, `${output}.failed.jsonl`]);
    },
  );
});
