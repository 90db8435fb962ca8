import type { Random } from "../random.ts";

/** How long answers take. */
export type Latency =
  | { readonly kind: "none" }
  | { readonly kind: "fixed"; readonly ms: number }
  /** A heavy-tailed distribution: half of the answers take less than `medianMs`, one in a hundred more than `p99Ms`. */
  | { readonly kind: "lognormal"; readonly medianMs: number; readonly p99Ms: number }
  /** `baseMs` plus `msPerToken` for every token of output. */
  | { readonly kind: "perToken"; readonly baseMs: number; readonly msPerToken: number };

/** The 99th percentile of the standard normal distribution. */
const Z99 = 2.3263478740408408;

/** Draws the latency of one answer in milliseconds. */
export function drawLatencyMs(latency: Latency, outputTokens: number, random: Random): number {
  if (latency.kind === "none") return 0;
  if (latency.kind === "fixed") return latency.ms;
  if (latency.kind === "perToken") return latency.baseMs + latency.msPerToken * outputTokens;
  const sigma = Math.log(latency.p99Ms / latency.medianMs) / Z99;
  return latency.medianMs * Math.exp(sigma * drawNormal(random));
}

/** Draws from the standard normal distribution (Box–Muller). */
function drawNormal(random: Random): number {
  // 1 − u is never 0, so the logarithm is finite.
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
