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

/** The moments at which a run is killed, evenly over all of them. */
function momentsOf(count: number): readonly number[] {
  const all = Array.from({ length: count }, (_, moment) => moment + 1);
  if (KILLS === 0) return all;
  return all.filter(
    (moment) => Math.floor((moment * KILLS) / count) > Math.floor(((moment - 1) * KILLS) / count),
  );
}

/** Kinds of trouble with the creation of the first job. */
const TROUBLES: readonly (readonly [string, (api: string) => SimulatorOptions])[] = [
  ["nothing else goes wrong", () => ({})],
  [
    "the answer to the first creation is lost, and lists show jobs late",
    (api) => ({
      batch: { listLagMs: 60 },
      faults: ({ path, method, attempt }) =>
        method === "POST" && path === CREATIONS[api] && attempt === 1 ? { kind: "answerLost" } : undefined,
    }),
  ],
];

describe.each(["openai", "anthropic"])("a run through batches of %s that is killed", (api) => {
  it.each(TROUBLES)(
    "goes on so that no job runs twice and no row is lost, where %s",
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
        for (const killAt of momentsOf(count)) {
          await using simulator = await startSimulator(options(api));
          const journal = join(folder, `${killAt}.db`);
          const killed = await run(api, simulator, journal, killAt);
          const { code, items } = killed.code === null ? await run(api, simulator, journal, 0) : killed;
          const times = new Set(timesAnswered(simulator));
          expect({ killAt, code, rows: items.length, times, ...(await look(journal)) }).toEqual({
            killAt,
            code: 0,
            rows: ROWS,
            times: new Set([1]),
            records: ROWS,
            open: [],
          });
        }
      } finally {
        await rm(folder, { recursive: true });
      }
    },
    120_000 + (KILLS === 0 ? 3_600_000 : KILLS * 30_000),
  );
});
