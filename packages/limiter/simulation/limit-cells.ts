import type { LimitOutcome, LimitScenario } from "./simulate-limit.ts";
import { simulateLimit } from "./simulate-limit.ts";
import { SERVER_KINDS, type ServerKind } from "./server-window.ts";

/** What the caller and the server tell. */
export type Knowledge =
  | "right"
  | "headers"
  | "unknown"
  | "unknown, Retry-After"
  | "twice"
  | "twice, Retry-After";

/** How large the limits are. */
export interface LimitSize {
  readonly requestsPerMinute: number;
  readonly tokensPerMinute: number;
}

/** Limits where tokens bind, where few requests bind, and where many do. */
export const LARGE: readonly LimitSize[] = [
  { requestsPerMinute: 5000, tokensPerMinute: 500_000 },
  { requestsPerMinute: 500, tokensPerMinute: 10_000_000 },
  { requestsPerMinute: 5000, tokensPerMinute: 40_000_000 },
];

/** Limits of which a single request is a good part. */
export const SMALL: readonly LimitSize[] = [
  { requestsPerMinute: 60, tokensPerMinute: 60_000 },
  { requestsPerMinute: 20, tokensPerMinute: 10_000_000 },
];

const KNOWLEDGE: Readonly<
  Record<Knowledge, Pick<LimitScenario, "told" | "headers" | "retryAfter" | "skipMinutes">>
> = {
  right: { told: 1, headers: false, retryAfter: false, skipMinutes: 5 / 60 },
  headers: { headers: true, retryAfter: true, skipMinutes: 5 / 60 },
  unknown: { headers: false, retryAfter: false, skipMinutes: 3 },
  "unknown, Retry-After": { headers: false, retryAfter: true, skipMinutes: 3 },
  twice: { told: 2, headers: false, retryAfter: false, skipMinutes: 3 },
  "twice, Retry-After": { told: 2, headers: false, retryAfter: true, skipMinutes: 3 },
};

/** One run of one cell, 20 minutes long. */
export interface CellRun extends LimitOutcome {
  readonly server: ServerKind;
  readonly charge: LimitScenario["charge"];
  readonly size: LimitSize;
}

/** Runs every server, charge and size with as many seeds each. */
export function runCells(
  knowledge: Knowledge,
  sizes: readonly LimitSize[],
  seeds: number,
): readonly CellRun[] {
  const runs: CellRun[] = [];
  for (const server of SERVER_KINDS) {
    for (const charge of ["actual", "up front"] as const) {
      for (const size of sizes) {
        for (let seed = 1; seed <= seeds; seed++) {
          const outcome = simulateLimit({
            server,
            charge,
            ...size,
            ...KNOWLEDGE[knowledge],
            seed: seed * 7919,
            minutes: 20,
          });
          runs.push({ ...outcome, server, charge, size });
        }
      }
    }
  }
  return runs;
}
