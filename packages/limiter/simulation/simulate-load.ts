import { RateLimiter } from "../src/rate-limiter.ts";
import { createTimerHeap } from "../src/time/timer-heap.ts";
import { createVirtualClock } from "../src/time/virtual-clock.ts";
import { createRandom, lognormal } from "./random.ts";

/** A server that never refuses. */
export interface LoadScenario {
  /**
   * Work a second that the server does at most, shared evenly by all requests (vLLM) or done in order (Ollama);
   * infinite where it does not slow down.
   */
  readonly capacity: number;
  readonly isSerial?: boolean;
  /** Work a second of one request that has the server for itself. */
  readonly speed: number;
  /** Median work of an answer, and how heavy its tail is. */
  readonly work: number;
  readonly sigma: number;
  /** Whether the tail is in the time alone, so that the work does not explain it. */
  readonly isTimeTailed?: boolean;
  /** What changes at a time. */
  readonly change?: {
    readonly atMs: number;
    readonly capacity?: number;
    readonly speed?: number;
    readonly work?: number;
  };
  readonly maxConcurrency: number;
  readonly latencySignal?: boolean;
  /** Whether the caller tells the limiter how much work an answer was. */
  readonly tellsWork?: boolean;
  readonly requestsPerMinute?: number;
  readonly seed: number;
  readonly ms: number;
}

/** What came of it. */
export interface LoadOutcome {
  /** Requests allowed in flight, in flight, and work done a second, once a second. */
  readonly concurrency: readonly number[];
  readonly inFlight: readonly number[];
  readonly throughput: readonly number[];
  /** Mean latency over mean unloaded latency, once a second. */
  readonly slowdown: readonly number[];
}

/** Sends as much as the limiter allows to a server that only slows down. */
export function simulateLoad(scenario: LoadScenario): LoadOutcome {
  const {
    isSerial = false,
    isTimeTailed = false,
    change,
    tellsWork = true,
    latencySignal = true,
    ms,
  } = scenario;
  let { capacity, speed, work: median } = scenario;
  const random = createRandom(scenario.seed);
  const clock = createVirtualClock();
  const limiter = new RateLimiter({
    clock,
    random,
    latencySignal,
    startConcurrency: 16,
    maxConcurrency: scenario.maxConcurrency,
    limits: scenario.requestsPerMinute === undefined ? {} : { requestsPerMinute: scenario.requestsPerMinute },
  });
  /** Requests at the server by the progress at which they are done: all progress at one speed. */
  const active = createTimerHeap();
  let progress = 0;
  let progressAt = 0;
  let cancelNext: (() => void) | undefined;
  let serialFreeAt = 0;
  let done = 0;
  let latencies = 0;
  let unloaded = 0;

  const rate = (): number => Math.min(speed, capacity / Math.max(1, active.size)) / 1000;

  function advance(): void {
    progress += (clock.now() - progressAt) * rate();
    progressAt = clock.now();
  }

  function schedule(): void {
    cancelNext?.();
    cancelNext = undefined;
    const next = active.peek();
    if (next === undefined) return;
    cancelNext = clock.after(Math.max(0, (next.at - progress) / rate()), () => {
      advance();
      active.popUntil(next.at)?.callback();
      schedule();
    });
  }

  function serve(amount: number, finish: () => void): void {
    if (isSerial) {
      serialFreeAt = Math.max(serialFreeAt, clock.now()) + (amount / speed) * 1000;
      clock.after(serialFreeAt - clock.now(), finish);
    } else if (capacity === Number.POSITIVE_INFINITY) {
      clock.after((amount / speed) * 1000, finish);
    } else {
      advance();
      active.push(progress + amount, finish);
      schedule();
    }
  }

  function request(): void {
    limiter.enqueue(
      { requests: 1 },
      {
        resolve(permit) {
          const work = Math.max(1, lognormal(random, median, scenario.sigma));
          const told = isTimeTailed ? median : work;
          serve(work, () => {
            clock.after(20, () => {
              done += told;
              latencies += clock.now() - permit.sentAt;
              unloaded += (work / speed) * 1000 + 20;
              permit.settle({ requests: 1 }, tellsWork ? told : undefined);
            });
          });
          request();
        },
        reject(reason) {
          throw reason instanceof Error ? reason : new Error(String(reason));
        },
      },
    );
  }

  const outcome = {
    concurrency: [] as number[],
    inFlight: [] as number[],
    throughput: [] as number[],
    slowdown: [] as number[],
  };
  for (let i = 0; i < 40; i++) request();
  for (let second = 0; second < ms / 1000; second++) {
    if (change !== undefined && second * 1000 === change.atMs) {
      advance();
      capacity = change.capacity ?? capacity;
      speed = change.speed ?? speed;
      median = change.work ?? median;
      schedule();
    }
    done = 0;
    latencies = 0;
    unloaded = 0;
    clock.advanceSync(1000);
    outcome.concurrency.push(limiter.concurrency);
    outcome.inFlight.push(limiter.inFlight);
    outcome.throughput.push(done);
    outcome.slowdown.push(unloaded === 0 ? 0 : latencies / unloaded);
  }
  return outcome;
}
