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

/** What a client tells that reserves the most output and does not know what the server makes of it. */
export interface BlindCell {
  readonly server: ServerKind;
  readonly charge: LimitScenario["charge"];
  /** Whether responses tell the limits and how long to wait. */
  readonly headers: boolean;
  /** What the caller says the limits are, as a multiple of the real ones. */
  readonly told: number | undefined;
}

/** Every server, charge, and what it and the caller tell: 32 in which the limit is known, and 16 in which it is not. */
export function blindCells(): readonly BlindCell[] {
  return SERVER_KINDS.flatMap((server) =>
    (["actual", "up front"] as const).flatMap((charge) =>
      [true, false].flatMap((headers) =>
        [1, 2, undefined].map((told) => ({ server, charge, headers, told })),
      ),
    ),
  );
}

/** Whether the client can know the limit. */
export function isKnown({ headers, told }: BlindCell): boolean {
  return headers || told === 1;
}

/** The runs of one of these cells: four minutes from the fifth second on. */
export function runBlindCell(cell: BlindCell, seeds: number): readonly LimitOutcome[] {
  return Array.from({ length: seeds }, (_, seed) =>
    simulateLimit({
      ...cell,
      belief: "settled",
      requestsPerMinute: 5000,
      tokensPerMinute: 500_000,
      retryAfter: cell.headers,
      seed: (seed + 1) * 7919,
      minutes: 4,
      skipMinutes: 5 / 60,
    }),
  );
}
