/** Prints what a permit costs: `node packages/limiter/simulation/print-benchmark.ts`. */
import { createLimiter } from "../src/index.ts";

const ROUNDS = 7;
const CHARGE = { requests: 1, tokens: 800 };

/** Nanoseconds a call, the median of some rounds after one to warm up. */
function measure(count: number, run: (count: number) => void): number {
  const times: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const start = performance.now();
    run(count);
    times.push(((performance.now() - start) * 1e6) / count);
  }
  return times.slice(1).toSorted((a, b) => a - b)[ROUNDS >> 1] ?? 0;
}

function direct(limits: { readonly requestsPerMinute?: number; readonly tokensPerMinute?: number }): number {
  const limiter = createLimiter({ limits, maxConcurrency: 100_000 });
  return measure(200_000, (count) => {
    for (let i = 0; i < count; i++) limiter.tryReserve(CHARGE)?.settle(CHARGE, 200);
  });
}

/** Reserves with so many waiting all the time. */
async function queued(waiting: number): Promise<number> {
  const limiter = createLimiter({ maxConcurrency: 1000, startConcurrency: 1000, latencySignal: false });
  const count = 500_000;
  let left = count;
  const worker = async (): Promise<void> => {
    while (left-- > 0) {
      const permit = await limiter.reserve(CHARGE);
      await Promise.resolve();
      permit.settle(CHARGE, 200);
    }
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: 1000 + waiting }, worker));
  return ((performance.now() - start) * 1e6) / count;
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);

const huge = { requestsPerMinute: 1e12, tokensPerMinute: 1e15 };
print(`tryReserve + settle, no limit known:  ${direct({}).toFixed(0)} ns`);
print(`tryReserve + settle, two limits:      ${direct(huge).toFixed(0)} ns`);
await queued(1);
for (const waiting of [1, 1000, 10_000])
  print(`${`reserve + settle, ${waiting} waiting:`.padEnd(38)}${(await queued(waiting)).toFixed(0)} ns`);
