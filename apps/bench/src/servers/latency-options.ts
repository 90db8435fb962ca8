/** What the latency server does with a request. */
export interface LatencyOptions {
  /**
   * How long a request takes: always the same; drawn from a lognormal distribution by the number of the row, so that
   * every run has the same latencies; always the same once one of so many slots is free; or until so many are there,
   * the first one excepted.
   */
  readonly latency:
    | { readonly kind: "fixed"; readonly ms: number }
    | { readonly kind: "lognormal"; readonly medianMs: number; readonly p99OverMedian: number }
    | { readonly kind: "slots"; readonly slots: number; readonly ms: number }
    | { readonly kind: "hold"; readonly requests: number; readonly atMostMs: number };
  /** Requests a minute to tell in headers. @default no headers */
  readonly toldLimit?: number;
}

/** What the latency server saw. */
export interface LatencyStats {
  readonly served: number;
  readonly peakInFlight: number;
}
