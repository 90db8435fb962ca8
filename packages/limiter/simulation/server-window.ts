/** How a server counts one limit, written apart from the limiter: exact logs and levels, no shared code. */
export interface ServerWindow {
  readonly limit: number;
  /** Milliseconds until an amount fits; 0 when it does now. */
  wait(amount: number, now: number): number;
  /** Takes an amount, beyond the limit if need be. */
  take(amount: number, now: number): void;
  /** What is left, as a header would tell. */
  remaining(now: number): number;
  /** The limit changes. */
  change(limit: number): void;
}

/** The four kinds of server. */
export type ServerKind = "short bucket" | "minute bucket" | "sliding minute" | "fixed minute";

export const SERVER_KINDS: readonly ServerKind[] = [
  "short bucket",
  "minute bucket",
  "sliding minute",
  "fixed minute",
];

const MINUTE = 60_000;

/** Makes one limit of a server. `phase` says where in a fixed minute the run starts, 0 to 1. */
export function createServerWindow(kind: ServerKind, limit: number, phase: number): ServerWindow {
  return MAKERS[kind](limit, phase);
}

const MAKERS: Readonly<Record<ServerKind, (limit: number, phase: number) => ServerWindow>> = {
  "short bucket": (limit) => bucket(limit, 1500),
  "minute bucket": (limit) => bucket(limit, MINUTE),
  "sliding minute": (limit) => sliding(limit),
  "fixed minute": (limit, phase) => fixed(limit, phase * MINUTE),
};

function bucket(limit: number, burstMs: number): ServerWindow {
  let rate = limit / MINUTE;
  let level = rate * burstMs;
  let at = 0;
  const refill = (now: number): void => {
    level = Math.min(rate * burstMs, level + (now - at) * rate);
    at = now;
  };
  return {
    get limit() {
      return rate * MINUTE;
    },
    wait(amount, now) {
      refill(now);
      return Math.max(0, (Math.min(amount, rate * burstMs) - 1e-6 - level) / rate);
    },
    take(amount, now) {
      refill(now);
      level -= amount;
    },
    remaining(now) {
      refill(now);
      return Math.max(0, Math.floor(level));
    },
    change(to) {
      rate = to / MINUTE;
    },
  };
}

function sliding(initial: number): ServerWindow {
  let limit = initial;
  let taken = 0;
  let first = 0;
  let log: { readonly at: number; readonly amount: number }[] = [];
  const expire = (now: number): void => {
    for (let oldest = log[first]; oldest !== undefined && oldest.at <= now - MINUTE; oldest = log[first]) {
      taken -= oldest.amount;
      first += 1;
    }
    if (first > 4096) {
      log = log.slice(first);
      first = 0;
    }
  };
  return {
    get limit() {
      return limit;
    },
    wait(amount, now) {
      expire(now);
      let over = taken + amount - limit - 1e-6;
      for (let i = first; over > 0; i++) {
        const entry = log[i];
        if (entry === undefined) return MINUTE;
        over -= entry.amount;
        if (over <= 0) return entry.at + MINUTE - now;
      }
      return 0;
    },
    take(amount, now) {
      expire(now);
      log.push({ at: now, amount });
      taken += amount;
    },
    remaining(now) {
      expire(now);
      return Math.max(0, Math.floor(limit - taken));
    },
    change(to) {
      limit = to;
    },
  };
}

function fixed(initial: number, phase: number): ServerWindow {
  let limit = initial;
  let minute = 0;
  let taken = 0;
  const turn = (now: number): void => {
    const current = Math.floor((now + phase) / MINUTE);
    if (current !== minute) taken = 0;
    minute = current;
  };
  return {
    get limit() {
      return limit;
    },
    wait(amount, now) {
      turn(now);
      return taken + amount <= limit ? 0 : (minute + 1) * MINUTE - phase - now;
    },
    take(amount, now) {
      turn(now);
      taken += amount;
    },
    remaining(now) {
      turn(now);
      return Math.max(0, Math.floor(limit - taken));
    },
    change(to) {
      limit = to;
    },
  };
}
