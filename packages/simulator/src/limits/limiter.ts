import type { ChargeRule, LimitDimension, LimitState } from "../dialect.ts";
import { bucketWindow, fixedWindow, slidingWindow, type RateWindow } from "./rate-window.ts";

/** The rate limits that the simulator enforces. */
export interface LimitOptions {
  readonly requestsPerMinute?: number;
  /** The tokens of input and output together. */
  readonly tokensPerMinute?: number;
  readonly inputTokensPerMinute?: number;
  /** Counted when they are produced. If they exceed the limit, the next requests have to wait. */
  readonly outputTokensPerMinute?: number;
  /**
   * How a minute is counted: `"bucket"` refills continuously, `"minute"` begins anew each minute, and `"sliding"`
   * counts the minute before now. @default "bucket"
   */
  readonly window?: "bucket" | "minute" | "sliding";
  /** The size of a bucket, in seconds at the full rate. @default a whole window */
  readonly burstSeconds?: number;
  /**
   * How tokens are charged. `"actual"`: the input on arrival, the output when it is produced. `"maxTokens"`: the input
   * and the most that the answer may have, on arrival and without correction; like `"actual"` if the request has no
   * maximum. `"input"`: only the input. @default the dialect's own, for OpenAI `"actual"`
   */
  readonly charge?: ChargeRule;
  /** Whether responses tell the limits, and refusals how long to wait. @default "full" */
  readonly headers?: "full" | "none";
  /**
   * The length of the window that all of these limits count, in milliseconds. With that of a day they are limits of a
   * day, and are told as such where the API does. @default 60000
   */
  readonly windowMs?: number;
}

/** What a limit has admitted. */
export interface LimitUse {
  /** The limit per window. */
  readonly limit: number;
  readonly windowMs: number;
  /** What was admitted since the start or the last reset. */
  readonly charged: number;
  /** The number of requests that this limit refused. */
  readonly refused: number;
  /** The most that was in use at one time, as the window counts it. */
  readonly peakUsed: number;
}

/** What is known of a request when it arrives. */
interface Arriving {
  readonly inputTokens: number;
  /** The most output tokens of all choices together. */
  readonly maxOutputTokens: number | undefined;
  /** Used if the limits do not say how tokens are charged. @default "actual" */
  readonly charge?: ChargeRule | undefined;
}

/** Whether a request is admitted. */
export type Admission =
  | { readonly admitted: true; readonly tokensCharged: number; readonly chargesOutput: boolean }
  | {
      readonly admitted: false;
      readonly tooLarge: true;
      readonly dimension: LimitDimension;
      readonly limit: number;
      readonly requested: number;
    }
  | {
      readonly admitted: false;
      readonly tooLarge: false;
      readonly dimension: LimitDimension;
      readonly limit: number;
      readonly windowMs: number;
      readonly used: number;
      readonly requested: number;
      readonly waitMs: number;
    };

/** Enforces {@linkcode LimitOptions}. Times are milliseconds on one clock that only goes forward. */
export interface Limiter {
  readonly tellsLimits: boolean;
  admit(arriving: Arriving, nowMs: number): Admission;
  /** Charges the output of a request that was admitted. */
  chargeOutput(tokens: number, nowMs: number): void;
  state(nowMs: number): Partial<Record<LimitDimension, LimitState>>;
  use(): Partial<Record<LimitDimension, LimitUse>>;
}

interface Gauge {
  readonly dimension: LimitDimension;
  readonly limit: number;
  readonly window: RateWindow;
  charged: number;
  refused: number;
  peakUsed: number;
}

/** Makes a {@linkcode Limiter}; without limits it admits every request. */
export function createLimiter(options: LimitOptions = {}): Limiter {
  const { windowMs = 60_000, headers = "full" } = options;
  const gauges: Gauge[] = [];
  addGauge(gauges, "requests", options.requestsPerMinute, options);
  addGauge(gauges, "tokens", options.tokensPerMinute, options);
  addGauge(gauges, "inputTokens", options.inputTokensPerMinute, options);
  addGauge(gauges, "outputTokens", options.outputTokensPerMinute, options);

  return {
    tellsLimits: headers === "full",

    admit({ inputTokens, maxOutputTokens, charge }, nowMs) {
      const rule = options.charge ?? charge ?? "actual";
      const reserved = rule === "maxTokens" ? maxOutputTokens : undefined;
      const amounts = {
        requests: 1,
        tokens: inputTokens + (reserved ?? 0),
        inputTokens,
        outputTokens: reserved ?? 0,
      };
      const refusal = refuse(gauges, amounts, windowMs, nowMs);
      if (refusal !== undefined) return refusal;
      for (const gauge of gauges) take(gauge, amounts[gauge.dimension], nowMs);
      const chargesOutput = rule !== "input" && reserved === undefined;
      return { admitted: true, tokensCharged: amounts.tokens, chargesOutput };
    },

    chargeOutput(tokens, nowMs) {
      for (const gauge of gauges)
        if (gauge.dimension === "tokens" || gauge.dimension === "outputTokens") take(gauge, tokens, nowMs);
    },

    state(nowMs) {
      const states: Partial<Record<LimitDimension, LimitState>> = {};
      for (const { dimension, limit, window } of gauges) {
        const remaining = Math.max(0, Math.floor(limit - window.used(nowMs)));
        states[dimension] = { limit, windowMs, remaining, resetMs: window.resetMs(nowMs) };
      }
      return states;
    },

    use() {
      const uses: Partial<Record<LimitDimension, LimitUse>> = {};
      for (const { dimension, limit, charged, refused, peakUsed } of gauges)
        uses[dimension] = { limit, windowMs, charged, refused, peakUsed };
      return uses;
    },
  };
}

function addGauge(
  gauges: Gauge[],
  dimension: LimitDimension,
  limit: number | undefined,
  { window = "bucket", windowMs = 60_000, burstSeconds = windowMs / 1000 }: LimitOptions,
): void {
  if (limit === undefined) return;
  const windows = {
    bucket: () => bucketWindow(limit, windowMs, burstSeconds * 1000),
    minute: () => fixedWindow(limit, windowMs),
    sliding: () => slidingWindow(limit, windowMs),
  };
  gauges.push({ dimension, limit, window: windows[window](), charged: 0, refused: 0, peakUsed: 0 });
}

/** The refusal with the longest wait; `undefined` if every limit has room. */
function refuse(
  gauges: readonly Gauge[],
  amounts: Readonly<Record<LimitDimension, number>>,
  windowMs: number,
  nowMs: number,
): Extract<Admission, { admitted: false }> | undefined {
  let tightest: { gauge: Gauge; requested: number; waitMs: number } | undefined;
  for (const gauge of gauges) {
    const { dimension, limit } = gauge;
    const requested = amounts[dimension];
    if (dimension !== "requests" && requested > limit) {
      gauge.refused += 1;
      return { admitted: false, tooLarge: true, dimension, limit, requested };
    }
    const waitMs = gauge.window.waitMs(requested, nowMs);
    if (waitMs > (tightest?.waitMs ?? 0)) tightest = { gauge, requested, waitMs };
  }
  if (tightest === undefined) return undefined;
  const { gauge, requested, waitMs } = tightest;
  gauge.refused += 1;
  const { dimension, limit } = gauge;
  const used = Math.round(gauge.window.used(nowMs));
  return { admitted: false, tooLarge: false, dimension, limit, windowMs, used, requested, waitMs };
}

function take(gauge: Gauge, amount: number, nowMs: number): void {
  gauge.window.take(amount, nowMs);
  gauge.charged += amount;
  gauge.peakUsed = Math.max(gauge.peakUsed, gauge.window.used(nowMs));
}
