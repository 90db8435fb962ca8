/** The rate doubles in this time while it is far below the ceiling. */
export const DOUBLING_MS = 2000;
/** From this part of the ceiling on, the rate grows slowly: so long to the ceiling, then so long beyond it. */
const NEAR = 0.7;
const REACH_MS = 15_000;
const PROBE_MS = 45_000;
/** The slow growth ends this part above the ceiling. */
const PROBE = 0.08;
/** Beyond that, the server has no such ceiling any more, and the rate doubles in this time. */
const BEYOND_DOUBLING_MS = 8000;
/** The same if refusals come late: a server that counts windows refuses long after the rate became too high. */
const LATE_DOUBLING_MS = 60_000;
/** At a lower rate than one request in this time, growth beyond the ceiling is slower, by so much at most. */
const PROBE_GAP_MS = 500;
const MOST_SLOWNESS = 3;
/** If refusals come late, growth beyond the ceiling is slower by this, so that they can come. */
const LATE_SLOWNESS = 2;
/** Growth is this many times faster far below the rate that was possible before an outage. */
const HASTE = 8;

/** What the rate grows from and to. */
export interface Growth {
  readonly start: number;
  readonly ceiling: number;
  /** A rate that was measured before or is known from a limit, up to which growth is fast. 0 where there is none. */
  readonly memory: number;
  /** Whether the ceiling may come from an outage, so that growth is fast. */
  readonly isHasty: boolean;
  /** Whether refusals come long after the rate became too high. */
  readonly isLate: boolean;
}

/**
 * The rate after a time of growth: back to most of the ceiling by doubling, up to it slowly, beyond it in small
 * steps (where a refusal is likely), and by doubling again where none came.
 */
export function grow({ start, ceiling, memory, isHasty, isLate }: Growth, grownMs: number): number {
  const near = NEAR * ceiling;
  const nearMs = start < near ? DOUBLING_MS * Math.log2(near / start) : 0;
  if (grownMs < nearMs) return start * 2 ** (grownMs / DOUBLING_MS);
  const haste = isHasty ? HASTE : 1;
  const ms = (grownMs - nearMs) * haste;
  const from = Math.max(start, near);
  if (ms < REACH_MS) return from + ((ceiling - from) * ms) / REACH_MS;
  const slowness = Math.min(
    MOST_SLOWNESS,
    Math.max(isLate ? LATE_SLOWNESS : 1, 1 / (ceiling * PROBE_GAP_MS)),
  );
  const probeMs = PROBE_MS * slowness;
  if (ms < REACH_MS + probeMs) return ceiling * (1 + (PROBE * (ms - REACH_MS)) / probeMs);
  const beyondMs = (ms - REACH_MS - probeMs) / haste;
  const top = ceiling * (1 + PROBE);
  const doublingMs = isLate ? LATE_DOUBLING_MS : BEYOND_DOUBLING_MS;
  const memoryMs = memory > top ? DOUBLING_MS * Math.log2(memory / top) : 0;
  if (beyondMs < memoryMs) return top * 2 ** (beyondMs / DOUBLING_MS);
  return Math.max(top, memory) * 2 ** ((beyondMs - memoryMs) / doublingMs);
}
