import type { Cell } from "./cell.ts";

/** What a client process is to do. */
export interface ClientPlan {
  readonly baseUrl: string;
  readonly told: Cell["told"];
  /** How many times as fast time goes. */
  readonly timeFactor: number;
}

/** What a server process is to be. */
export interface ServerPlan {
  readonly cell: Cell;
  readonly timeFactor: number;
}

/** How its run went. */
export interface ClientOutcome {
  /** Rows that failed. */
  readonly failed: number;
  /** Why the run ended before its time, if it did. */
  readonly stopped?: string;
}
