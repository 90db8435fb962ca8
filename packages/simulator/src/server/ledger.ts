import type { Fault } from "../faults/fault.ts";

/** One request and its outcome. It never holds the API key. */
export interface LedgerEntry {
  /** 1 for the first request. */
  readonly sequence: number;
  /** The time of its arrival since the start, by a clock that only goes forward. */
  readonly timeMs: number;
  readonly method: string;
  /** The path without the query. */
  readonly path: string;
  /** The name of the dialect that the request speaks. */
  readonly dialect: string | undefined;
  readonly model: string | undefined;
  /** The parsed body; `undefined` if there was none or it was not JSON. */
  readonly body: unknown;
  /** The SHA-256 hash of the body's bytes, in hexadecimal. */
  readonly bodyHash: string;
  /** 1 for the first request with this body. */
  readonly attempt: number;
  readonly keyIsRight: boolean;
  /** The number of requests in progress when it arrived, including itself. */
  readonly inFlight: number;
  /** The status of the response; `undefined` until then, or if there was none. */
  readonly status: number | undefined;
  readonly fault: Fault["kind"] | undefined;
  /** The tokens that were charged; without limits, those that would have been charged. */
  readonly tokensCharged: number;
  /** When the response was sent or the connection was lost; `undefined` until then. */
  readonly endedMs: number | undefined;
  /** Whether the connection was lost before the whole response was sent, on whichever side. */
  readonly cutShort: boolean;
}

/** 24 hexadecimal digits that depend only on the body. */
export function idOf({ bodyHash }: LedgerEntry): string {
  return bodyHash.slice(0, 24);
}

/** An entry while its request is in progress. */
export type OpenEntry = { -readonly [Key in keyof LedgerEntry]: LedgerEntry[Key] };

/** A record of the requests that the simulator received. */
export interface Ledger {
  /** The last {@linkcode SimulatorOptions.ledgerLimit} requests, in the order of their arrival. */
  readonly entries: readonly LedgerEntry[];
  /** The number of all requests received, also of those dropped from `entries`. */
  readonly received: number;
  readonly maxInFlight: number;
  /** The entries that were answered with status 200 and without a fault. */
  answered(): readonly LedgerEntry[];
  /** The entries grouped by `bodyHash`: the entries of a group had the same body. */
  byBody(): ReadonlyMap<string, readonly LedgerEntry[]>;
}

/** A {@linkcode Ledger} that can be written. */
export interface LedgerBook extends Ledger {
  /** Enters a request; `inFlight` is counted until {@linkcode leave}. */
  enter(request: Omit<OpenEntry, "sequence" | "inFlight">): OpenEntry;
  leave(entry: OpenEntry, endedMs: number): void;
  readonly inFlight: number;
  reset(): void;
}

/** Makes a ledger that keeps the last `limit` entries; with 0 it only counts. */
export function createLedger(limit: number): LedgerBook {
  let kept: OpenEntry[] = [];
  let received = 0;
  let inFlight = 0;
  let maxInFlight = 0;
  const entries = (): readonly LedgerEntry[] => (limit === 0 ? [] : kept.slice(-limit));

  return {
    get entries() {
      return entries();
    },
    get received() {
      return received;
    },
    get inFlight() {
      return inFlight;
    },
    get maxInFlight() {
      return maxInFlight;
    },
    answered: () => entries().filter(({ status, fault }) => status === 200 && fault === undefined),
    byBody: () => Map.groupBy(entries(), ({ bodyHash }) => bodyHash),
    enter(request) {
      received += 1;
      inFlight += 1;
      maxInFlight = Math.max(maxInFlight, inFlight);
      const entry: OpenEntry = { ...request, sequence: received, inFlight };
      if (limit > 0) kept.push(entry);
      // Entries are dropped in batches, so that dropping takes constant time on average.
      if (kept.length > limit * 1.5 + 16) kept = kept.slice(-limit);
      return entry;
    },
    leave(entry, endedMs) {
      inFlight -= 1;
      entry.endedMs = endedMs;
    },
    reset() {
      kept = [];
      received = 0;
      maxInFlight = inFlight;
    },
  };
}
