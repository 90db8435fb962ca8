// @module-tag slow

import { describe, expect, it } from "vitest";
import {
  blindCells,
  isKnown,
  LARGE as ALL_LARGE,
  runBlindCell,
  runCells,
  SMALL,
  type CellRun,
  type Knowledge,
  type LimitSize,
} from "./limit-cells.ts";
import { SERVER_KINDS } from "./server-window.ts";
import { simulateLimit, type LimitScenario } from "./simulate-limit.ts";

/** Seeds of each cell; `LIMITER_SEEDS=100` is the long form, thousands of runs. */
const seeds = Number(process.env["LIMITER_SEEDS"] ?? 1);
const LARGE = seeds === 1 ? ALL_LARGE.slice(0, 2) : ALL_LARGE;

interface Bounds {
  readonly use: number;
  readonly refused: number;
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** The cells that are worse than allowed. */
function cellsBeyond(runs: readonly CellRun[], worst: Bounds): readonly unknown[] {
  return runs
    .filter(({ use, refused }) => use < worst.use || refused > worst.refused)
    .map(({ use, refused, server, charge, size }) => ({ use, refused, server, charge, size }));
}

const BASE: Omit<LimitScenario, "server"> = {
  requestsPerMinute: 1000,
  tokensPerMinute: 10_000_000,
  charge: "actual",
  headers: false,
  retryAfter: false,
  seed: 4711,
  minutes: 20,
  skipMinutes: 3,
};

describe("the limiter against servers of every kind", () => {
  it.each<[Knowledge, readonly LimitSize[], Bounds, Bounds]>([
    ["right", LARGE, { use: 0.988, refused: 0.0015 }, { use: 0.994, refused: 0.0001 }],
    ["headers", LARGE, { use: 0.985, refused: 0.001 }, { use: 0.992, refused: 0.0001 }],
    ["right", SMALL, { use: 0.965, refused: 0.006 }, { use: 0.985, refused: 0.001 }],
    ["unknown", LARGE, { use: 0.93, refused: 0.015 }, { use: 0.975, refused: 0.007 }],
    ["unknown, Retry-After", LARGE, { use: 0.93, refused: 0.01 }, { use: 0.97, refused: 0.003 }],
    ["twice", LARGE, { use: 0.9, refused: 0.02 }, { use: 0.975, refused: 0.008 }],
    ["twice, Retry-After", LARGE, { use: 0.9, refused: 0.01 }, { use: 0.97, refused: 0.003 }],
  ])(
    "the limiter finds the limit of a server: %s",
    (knowledge, sizes, worst, average) => {
      const runs = runCells(knowledge, sizes, seeds);
      expect(cellsBeyond(runs, worst)).toEqual([]);
      expect(mean(runs.map(({ use }) => use))).toBeGreaterThanOrEqual(average.use);
      expect(mean(runs.map(({ refused }) => refused))).toBeLessThanOrEqual(average.refused);
    },
    3_600_000,
  );

  it.each<[string, boolean, Bounds, Bounds]>([
    ["known", true, { use: 0.92, refused: 0.012 }, { use: 0.985, refused: 0.0025 }],
    ["not known", false, { use: 0.9, refused: 0.04 }, { use: 0.99, refused: 0.017 }],
  ])(
    "the limiter finds out what a server counts of max_tokens, with limits that are %s",
    (_, known, worst, average) => {
      const cells = blindCells().filter((cell) => isKnown(cell) === known);
      const results = cells.map((cell) => ({ cell, runs: runBlindCell(cell, Math.max(2, seeds)) }));
      const runs = results.flatMap((result) => result.runs);
      const beyond = results.filter((result) =>
        result.runs.some(({ use, refused }) => use < worst.use || refused > worst.refused),
      );
      expect(beyond).toEqual([]);
      expect(mean(runs.map(({ use }) => use))).toBeGreaterThanOrEqual(average.use);
      expect(mean(runs.map(({ refused }) => refused))).toBeLessThanOrEqual(average.refused);
    },
    600_000,
  );

  it.each(SERVER_KINDS)(
    "the limiter finds out what a server counts of max_tokens, where refusals name a fraction of a second to wait: %s",
    (server) => {
      const run = simulateLimit({
        ...BASE,
        server,
        charge: "up front",
        belief: "settled",
        headers: true,
        retryAfter: "exact",
        requestsPerMinute: 5000,
        tokensPerMinute: 500_000,
        minutes: 4,
        skipMinutes: 5 / 60,
      });
      expect(run.use).toBeGreaterThan(0.96);
      expect(run.refused).toBeLessThan(0.006);
    },
  );

  it.each(SERVER_KINDS)(
    "the limiter uses what others leave of a limit that several clients share, and does not know what max_tokens counts: %s",
    (server) => {
      // Others take a fifth or nearly a third.
      const runs = [1.25, 1.43].flatMap((told) =>
        [1, 2].map((seed) =>
          simulateLimit({
            ...BASE,
            server,
            belief: "settled",
            told,
            seed: seed * 7919,
            requestsPerMinute: 5000,
            tokensPerMinute: 500_000,
            minutes: 12,
            skipMinutes: 1,
          }),
        ),
      );
      expect(mean(runs.map(({ use }) => use))).toBeGreaterThan(0.9);
      expect(mean(runs.map(({ refused }) => refused))).toBeLessThan(0.015);
    },
  );

  it.each(SERVER_KINDS)(
    "the limiter finds a limit of which nothing is told without a storm of refusals: %s",
    (server) => {
      for (const charge of ["actual", "up front"] as const) {
        for (const retryAfter of [false, true]) {
          const runs = [1, 2, 3].map((seed) =>
            simulateLimit({
              ...BASE,
              server,
              charge,
              retryAfter,
              seed,
              requestsPerMinute: 5000,
              tokensPerMinute: 500_000,
              // The first four minutes, from nothing.
              minutes: 4,
              skipMinutes: 0,
            }),
          );
          expect(mean(runs.map(({ refused }) => refused))).toBeLessThan(0.07);
          expect(mean(runs.map(({ use }) => use))).toBeGreaterThan(0.85);
        }
      }
    },
  );

  it.each(SERVER_KINDS)("the limiter follows a limit that falls to half and tells nothing: %s", (server) => {
    const outcome = simulateLimit({ ...BASE, server, change: { minute: 8, factor: 0.5 } });
    expect(mean(outcome.minutes.slice(12))).toBeGreaterThan(0.9);
    expect(outcome.refused).toBeLessThan(0.03);
  });

  it.each(SERVER_KINDS)("the limiter follows a limit that doubles and tells nothing: %s", (server) => {
    const outcome = simulateLimit({ ...BASE, server, change: { minute: 8, factor: 2 } });
    expect(mean(outcome.minutes.slice(14))).toBeGreaterThan(0.85);
    expect(outcome.refused).toBeLessThan(0.02);
  });

  it.each(SERVER_KINDS)("the limiter follows limits that headers tell to change: %s", (server) => {
    for (const factor of [0.5, 2]) {
      const outcome = simulateLimit({
        ...BASE,
        server,
        headers: true,
        retryAfter: true,
        change: { minute: 8, factor },
      });
      expect(mean(outcome.minutes.slice(10))).toBeGreaterThan(0.97);
      expect(outcome.refused).toBeLessThan(0.01);
    }
  });

  it.each(SERVER_KINDS)(
    "the limiter is back at the limit a minute after ten minutes of which 90%% was refused: %s",
    (server) => {
      const storm = { from: 4, to: 14, share: 0.9 };
      for (const known of [{ told: 1 }, { headers: true }]) {
        const outcome = simulateLimit({ ...BASE, ...known, server, storm });
        expect(Math.min(...outcome.minutes.slice(15))).toBeGreaterThan(0.95);
      }
      // With nothing told the limit has to be found again, which takes a fixed minute several turns.
      // How many turns is chance, so that several are looked at.
      const minutes = [1, 2, 3, 4].flatMap((seed) =>
        simulateLimit({ ...BASE, server, storm, seed: seed * 104_729 }).minutes.slice(15),
      );
      expect(mean(minutes)).toBeGreaterThan(0.85);
    },
  );
});
