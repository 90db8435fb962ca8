import type { LimitReading } from "../src/quota/charge.ts";
import type { RateLimits } from "../src/quota/rate-limits.ts";
import { RateLimiter } from "../src/rate-limiter.ts";
import { createVirtualClock } from "../src/time/virtual-clock.ts";
import { createRandom, lognormal } from "./random.ts";
import { createServerWindow, type ServerKind } from "./server-window.ts";

/** One cell of the table and how it is run. */
export interface LimitScenario {
  readonly server: ServerKind;
  readonly requestsPerMinute: number;
  readonly tokensPerMinute: number;
  /** `"actual"`: input when it arrives and output when it is done; `"up front"`: input and the most output. */
  readonly charge: "actual" | "up front";
  /**
   * What the client believes of the charge: `"right"`, as it is; `"settled"`, that the most output is charged up front
   * and corrected by the answer. @default "right"
   */
  readonly belief?: "right" | "settled" | undefined;
  /** What the caller says the limits are, as a multiple of the real ones; nothing where undefined. */
  readonly told?: number | undefined;
  readonly headers: boolean;
  /** Whether a refusal names how long to wait: in whole seconds, or `"exact"`, to the millisecond. */
  readonly retryAfter: boolean | "exact";
  readonly seed: number;
  readonly minutes: number;
  /** Minutes at the start that are not counted. */
  readonly skipMinutes: number;
  /** Multiplies the limits from a minute on. */
  readonly change?: { readonly minute: number; readonly factor: number } | undefined;
  /** From one minute to another, this part of all requests is refused whatever the rate. */
  readonly storm?: { readonly from: number; readonly to: number; readonly share: number } | undefined;
}

/** What the server saw. */
export interface LimitOutcome {
  /** Part of the binding limit that was used in the counted time. */
  readonly use: number;
  /** Part of the requests of the counted time that was refused. */
  readonly refused: number;
  /** The same for the whole run. */
  readonly refusedOverall: number;
  /** Use in each minute of the run. */
  readonly minutes: readonly number[];
  readonly inFlightMost: number;
}

const MAX_TOKENS = 1024;
const WAITING = 40;

/** Sends rows of about 600 tokens in and 200 out as fast as the limiter lets it, against an independent server. */
export function simulateLimit(scenario: LimitScenario): LimitOutcome {
  const { server, charge: mode, told, headers, retryAfter, minutes, skipMinutes, change, storm } = scenario;
  const random = createRandom(scenario.seed);
  const clock = createVirtualClock();
  const belief = scenario.belief ?? "right";
  const isReserving = belief === "settled" || mode === "up front";
  const isKeeping = belief === "right" && mode === "up front";
  const toldLimits: RateLimits =
    told === undefined
      ? {}
      : {
          requestsPerMinute: scenario.requestsPerMinute * told,
          tokensPerMinute: scenario.tokensPerMinute * told,
        };
  const limiter = new RateLimiter({ clock, random, limits: toldLimits });
  const phase = random();
  const requests = createServerWindow(server, scenario.requestsPerMinute, phase);
  const tokens = createServerWindow(server, scenario.tokensPerMinute, phase);
  const usedRequests = new Float64Array(minutes + 1);
  const usedTokens = new Float64Array(minutes + 1);
  const skipMs = skipMinutes * 60_000;
  const endMs = minutes * 60_000;
  let skippedRequests = 0;
  let skippedTokens = 0;
  let counted = 0;
  let countedRefused = 0;
  let all = 0;
  let allRefused = 0;
  let inFlightMost = 0;
  let expectedOutput = 200;
  let isOver = false;

  const network = (): number => 10 + 30 * random();

  function used(into: Float64Array, amount: number): void {
    const now = clock.now();
    const minute = Math.min(Math.floor(now / 60_000), minutes);
    into[minute] = (into[minute] ?? 0) + amount;
    if (now >= skipMs) return;
    if (into === usedRequests) skippedRequests += amount;
    else skippedTokens += amount;
  }

  function readings(): LimitReading[] {
    if (!headers) return [];
    const now = clock.now();
    return [
      { dimension: "requests", windowMs: 60_000, limit: requests.limit, remaining: requests.remaining(now) },
      { dimension: "tokens", windowMs: 60_000, limit: tokens.limit, remaining: tokens.remaining(now) },
    ];
  }

  function row(): void {
    if (isOver) return;
    const input = Math.round(600 * (0.6 + 0.8 * random()));
    const output = Math.min(MAX_TOKENS, Math.max(1, Math.round(lognormal(random, 170, 0.55))));
    send(input, output);
  }

  function send(input: number, output: number): void {
    const reserved = { requests: 1, tokens: input + (isReserving ? MAX_TOKENS : expectedOutput) };
    limiter.enqueue(reserved, {
      resolve(permit) {
        inFlightMost = Math.max(inFlightMost, limiter.inFlight);
        row();
        clock.after(network(), () => {
          const now = clock.now();
          const arriving = mode === "actual" ? input : input + MAX_TOKENS;
          const waitMs = Math.max(requests.wait(1, now), tokens.wait(arriving, now));
          const isStorm =
            storm !== undefined &&
            now >= storm.from * 60_000 &&
            now < storm.to * 60_000 &&
            random() < storm.share;
          const isCounted = now >= skipMs;
          all += 1;
          if (isCounted) counted += 1;
          if (waitMs > 0 || isStorm) {
            allRefused += 1;
            if (isCounted) countedRefused += 1;
            clock.after(network(), () => {
              const unit = retryAfter === "exact" ? 1 : 1000;
              const isNamed = retryAfter !== false && !isStorm;
              permit.throttle(isNamed ? { retryAfterMs: Math.ceil(waitMs / unit) * unit } : {});
              limiter.learn(readings());
              send(input, output);
            });
            return;
          }
          requests.take(1, now);
          used(usedRequests, 1);
          tokens.take(arriving, now);
          used(usedTokens, arriving);
          const told = readings();
          clock.after(300 + 20 * output * (0.7 + 0.6 * random()), () => {
            if (mode === "actual") {
              tokens.take(output, clock.now());
              used(usedTokens, output);
            }
            clock.after(network(), () => {
              expectedOutput += 0.05 * (output - expectedOutput);
              permit.settle({ requests: 1, tokens: input + (isKeeping ? MAX_TOKENS : output) }, output);
              limiter.learn(told);
            });
          });
        });
      },
      reject(reason) {
        throw reason instanceof Error ? reason : new Error(String(reason));
      },
    });
  }

  for (let i = 0; i < WAITING; i++) row();
  for (let minute = 0; minute < minutes; minute++) {
    if (change !== undefined && minute === change.minute) {
      requests.change(scenario.requestsPerMinute * change.factor);
      tokens.change(scenario.tokensPerMinute * change.factor);
    }
    clock.advanceSync(60_000);
  }
  isOver = true;

  const perMinute = Array.from({ length: minutes }, (_, minute) => {
    const factor = change !== undefined && minute >= change.minute ? change.factor : 1;
    return Math.max(
      (usedRequests[minute] ?? 0) / (scenario.requestsPerMinute * factor),
      (usedTokens[minute] ?? 0) / (scenario.tokensPerMinute * factor),
    );
  });
  const share = (values: Float64Array, skipped: number, limit: number): number =>
    (values.reduce((sum, value) => sum + value, 0) - skipped) / (((endMs - skipMs) / 60_000) * limit);
  return {
    use: Math.max(
      share(usedRequests, skippedRequests, scenario.requestsPerMinute),
      share(usedTokens, skippedTokens, scenario.tokensPerMinute),
    ),
    refused: countedRefused / Math.max(1, counted),
    refusedOverall: allRefused / Math.max(1, all),
    minutes: perMinute,
    inFlightMost,
  };
}
