import type { Fault } from "../faults/fault.ts";

/** One request and what became of it. Never holds the API key. */
export interface LedgerEntry {
  /** 1 for the first request. */
  readonly sequence: number;
  /** When it arrived, since the start, on a clock that only goes forward. */
  readonly timeMs: number;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** The name of the dialect it was read in. */
  readonly dialect: string | undefined;
  readonly model: string | undefined;
  /** Parsed; `undefined` where there was none or it was not JSON. */
  readonly body: unknown;
  /** SHA-256 of the bytes, in hexadecimal. */
  readonly bodyHash: string;
  /** 1 for the first request with this body. */
  readonly attempt: number;
  readonly keyIsRight: boolean;
  /** Requests in progress when it arrived, itself among them. */
  readonly inFlight: number;
  /** What was answered; `undefined` until then, or where nothing was. */
  readonly status: number | undefined;
  readonly fault: Fault["kind"] | undefined;
  /** Taken from the limit of tokens, or what would have been without one. */
  readonly tokensCharged: number;
  /** When the response was sent or the connection lost; `undefined` until then. */
  readonly endedMs: number | undefined;
  /** The connection was lost before the response was sent whole, whichever side did it. */
  readonly cutShort: boolean;
}

/** 24 hexadecimal digits that follow from the body. */
export function idOf({ bodyHash }: LedgerEntry): string {
  return bodyHash.slice(0, 24);
}

/** An entry while its request is in progress. */
export type OpenEntry = { -readonly [Key in keyof LedgerEntry]: LedgerEntry[Key] };

/** What the simulator received. */
export interface Ledger {
  /** In order of arrival; the last {@linkcode SimulatorOptions.ledgerLimit} ones. */
  readonly entries: readonly LedgerEntry[];
  /** All requests received, those dropped from `entries` too. */
  readonly received: number;
  readonly maxInFlight: number;
  /** The entries answered with status 200 and no fault. */
  answered(): readonly LedgerEntry[];
  /** The entries by `bodyHash`: those of one list asked for the same. */
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

/** Makes a ledger that keeps the last `limit` entries; 0 keeps counts only. */
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
      // Half as many again at most, so that dropping costs constant time on average.
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
