// @module-tag slow

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { inspectJournal } from "@parallel-parrot/journal";
import { startSimulator, type Simulator, type SimulatorOptions } from "@parallel-parrot/simulator";
import { describe, expect, it } from "vitest";

const SCRIPT = fileURLToPath(new URL("../../fixtures/batch-process.ts", import.meta.url));
/** Moments at which each kind of run is killed; 0 for all of them. The long form is `pnpm test:long batch-kills`. */
const KILLS = Number(process.env["PARROT_BATCH_KILLS"] ?? 2);
/** Pairs of a kill and one of the run that goes on: enough in the long form, as each is at any moment. */
const PAIRS = KILLS === 0 ? 35 : 1;
const ROWS = 9;
const CREATIONS: Readonly<Record<string, string>> = {
  openai: "/v1/batches",
  anthropic: "/v1/messages/batches",
};

interface Ended {
  readonly code: number | null;
  readonly items: readonly unknown[];
  /** Moments at which it could be killed. */
  readonly moments: number;
}

async function run(api: string, simulator: Simulator, journal: string, killAt: number): Promise<Ended> {
  const baseUrl = api === "anthropic" ? simulator.urls.anthropic : simulator.urls.openai;
  const args = [SCRIPT, api, baseUrl, simulator.apiKey, journal, String(ROWS)];
  const child = spawn(process.execPath, ["--conditions=@parallel-parrot/source", ...args], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, PARROT_KILL_AT: String(killAt) },
  });
  const closed = new Promise<number | null>((resolve) => child.once("close", resolve));
  const said = await text(child.stdout);
  const code = await closed;
  return { code, items: [], moments: 0, ...(said === "" ? {} : JSON.parse(said)) } as Ended;
}

/** How many records a journal has, and the states of its open jobs. */
async function look(path: string): Promise<object> {
  const journal = await inspectJournal(path);
  const { records } = await journal.size();
  const open = journal.batchJobs({ open: true }).map(({ state }) => state);
  journal.close();
  return { records, open };
}

/** How often each request was answered by jobs. */
function timesAnswered({ batches }: Simulator): number[] {
  const times = new Map<string, number>();
  for (const { key } of batches.runs) times.set(key, (times.get(key) ?? 0) + 1);
  return [...times.values()];
}

/** The moments at which a run is killed once, evenly over all of them, and pairs of moments for a run and the next one. */
function killsOf(count: number): readonly (readonly number[])[] {
  const all = Array.from({ length: count }, (_, moment) => moment + 1);
  const isChosen = (moment: number): boolean =>
    Math.floor((moment * KILLS) / count) > Math.floor(((moment - 1) * KILLS) / count);
  const once = all.filter((moment) => KILLS === 0 || isChosen(moment));
  const anyMoment = (): number => 1 + Math.floor(Math.random() * count);
  const pairs = Array.from({ length: PAIRS }, () => [anyMoment(), anyMoment()]);
  return [...once.map((moment) => [moment]), ...pairs];
}

/** The first creation makes a job, and what was answered is lost on the way. */
function lost(api: string, status?: number): SimulatorOptions {
  return {
    batch: { listLagMs: 60 },
    faults: ({ path, method, attempt }) =>
      method === "POST" && path === CREATIONS[api] && attempt === 1
        ? { kind: "answerLost", ...(status === undefined ? {} : { status }) }
        : undefined,
  };
}

const NOTHING = ["nothing else goes wrong", () => ({})] as const;
const RESET = [
  "the first creation breaks off, and lists show jobs late",
  (api: string) => lost(api),
] as const;
const GATEWAY = [
  "a gateway answers the first creation with 502, and lists show jobs late",
  (api: string) => lost(api, 502),
] as const;

/** What goes wrong besides at each API; everything at both of them in the long form. */
const TROUBLES = [
  ["openai", [NOTHING, RESET, ...(KILLS === 0 ? [GATEWAY] : [])]],
  ["anthropic", [NOTHING, GATEWAY, ...(KILLS === 0 ? [RESET] : [])]],
] as const;

describe.each(TROUBLES)("a run through batches of %s that is killed", (api, troubles) => {
  it.each(troubles)(
    "goes on so that no job runs twice, no row is lost and no file is left, where %s",
    async (_, options) => {
      const folder = await mkdtemp(join(tmpdir(), "parrot-batch-kill-"));
      try {
        let count = 0;
        {
          await using simulator = await startSimulator(options(api));
          const { items, moments } = await run(api, simulator, join(folder, "whole.db"), 0);
          expect(items).toHaveLength(ROWS);
          count = moments;
        }
        for (const [number, kills] of killsOf(count).entries()) {
          await using simulator = await startSimulator(options(api));
          const journal = join(folder, `${number}.db`);
          let ended: Ended = { code: null, items: [], moments: 0 };
          for (const killAt of [...kills, 0])
            if (ended.code === null) ended = await run(api, simulator, journal, killAt);
          const { code, items } = ended;
          const times = new Set(timesAnswered(simulator));
          const files = simulator.batches.files.length;
          expect({ kills, code, rows: items.length, times, files, ...(await look(journal)) }).toEqual({
            kills,
            code: 0,
            rows: ROWS,
            times: new Set([1]),
            files: 0,
            records: ROWS,
            open: [],
          });
        }
      } finally {
        await rm(folder, { recursive: true });
      }
    },
    120_000 + (KILLS === 0 ? 7_200_000 : KILLS * 30_000),
  );
});
