// @module-tag slow

import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { openJournal } from "@parallel-parrot/journal";
import { startSimulator, type Simulator } from "@parallel-parrot/simulator";
import { describe, expect, it } from "vitest";
import { documentOf } from "../../../fixtures/prompts.ts";

const SCRIPT = fileURLToPath(new URL("../../../fixtures/pool-process.ts", import.meta.url));
/** Kills in all. The long form is `pnpm test:long pool-kills`. */
const KILLS = Number(process.env["PARROT_KILLS"] ?? 5);
const ROWS = 150 * KILLS;

interface Running {
  readonly child: ChildProcess;
  /** What it has said. */
  readonly lines: readonly string[];
  readonly ended: Promise<unknown>;
}

function start(journal: string, members: readonly string[]): Running {
  const args = ["--conditions=@parallel-parrot/source", SCRIPT, journal, String(ROWS), ...members];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => lines.push(line));
  return { child, lines, ended: new Promise((resolve) => child.once("close", resolve)) };
}

describe("a run with a pool under kill -9", () => {
  it(
    "a pool that was killed never asks again for a row that came out, in whatever order its members are given then",
    async () => {
      const folder = await mkdtemp(join(tmpdir(), "parrot-pool-kill-"));
      const journal = join(folder, "run.db");
      const latency = { kind: "lognormal", medianMs: 4, p99Ms: 60 } as const;
      await using plain = await startSimulator({ latency });
      await using cool = await startSimulator({
        latency,
        faults: () => ({ kind: "unsupportedParameter", name: "temperature" }),
      });
      const servers: readonly Simulator[] = [plain, cool];
      const members = [
        `${plain.baseUrl} ${plain.apiKey}`,
        `${plain.baseUrl} a-wrong-key`,
        `${cool.baseUrl} ${cool.apiKey}`,
      ];
      const done = new Set<string>();
      let askedAgain = 0;
      try {
        for (let round = 0; ; round++) {
          for (const server of servers) server.reset();
          const isLast = round === KILLS;
          const order = members.map((_, place) => members[(place + round) % members.length] ?? "");
          const { child, lines, ended } = start(journal, order);
          if (!isLast) {
            const most = ((round + 1) * ROWS) / (KILLS + 1);
            while (lines.length < most && child.exitCode === null) await sleep(5);
            await sleep(Math.random() * 20);
            child.kill("SIGKILL");
          }
          await ended;
          const asked = servers.flatMap(({ ledger }) =>
            ledger.answered().map((entry) => String(documentOf(entry))),
          );
          askedAgain += asked.filter((row) => done.has(row)).length;
          for (const line of lines) done.add(line);
          if (isLast) break;
        }
        expect(askedAgain).toBe(0);
        expect(done).toEqual(new Set(Array.from({ length: ROWS }, (_, row) => String(row))));
        const kept = await openJournal(journal);
        const answers = Array.from(kept.records(), ({ key, outcome }) => (outcome === "failure" ? "" : key));
        await kept.close();
        // What was answered but not kept when it was killed is answered again: once, under one key.
        expect(new Set(answers).size).toBe(ROWS + 1);
        expect(answers.length).toBeLessThanOrEqual(ROWS + KILLS * 3 + 3);
      } finally {
        await rm(folder, { recursive: true });
      }
    },
    120_000 + KILLS * 10_000,
  );
});
