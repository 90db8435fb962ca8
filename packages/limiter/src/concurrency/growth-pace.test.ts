import { describe, expect, it } from "vitest";
import { RateLimiter } from "../rate-limiter.ts";
import { createVirtualClock, type VirtualClock } from "../time/virtual-clock.ts";

const LATENCY_MS = 1000;
const REFUSAL_MS = 50;

/** Sends `rows` to a server whose answers all take exactly a second, and which lets in `limit` of them. */
function send(
  rows: number,
  limit: number,
): { clock: VirtualClock; counts: { answered: number; refused: number } } {
  const clock = createVirtualClock();
  const limiter = new RateLimiter({ clock, random: () => 0.5 });
  const counts = { answered: 0, refused: 0 };
  let left = rows;
  let room = limit;

  function next(): void {
    if (left === 0) return;
    left -= 1;
    reserve();
  }

  function reserve(): void {
    limiter.enqueue(
      { requests: 1 },
      {
        resolve(permit) {
          next();
          if (room > 0) {
            room -= 1;
            clock.after(LATENCY_MS, () => {
              counts.answered += 1;
              permit.settle({ requests: 1 });
            });
            return;
          }
          counts.refused += 1;
          clock.after(REFUSAL_MS, () => {
            permit.throttle();
            reserve();
          });
        },
        reject(reason) {
          throw reason instanceof Error ? reason : new Error(String(reason));
        },
      },
    );
  }

  for (let waiting = 0; waiting < 64; waiting++) next();
  return { clock, counts };
}

describe("the pace of growth", () => {
  it.each([300, 600, 1000, 2000])(
    "a window of %i that is used up refuses few requests, also where answers come all together",
    (limit) => {
      const { clock, counts } = send(100_000, limit);
      clock.advanceSync(12_000);
      expect(counts.answered).toBe(limit);
      expect(counts.refused).toBeLessThan(0.2 * limit);
    },
  );

  it("the number in flight grows so that 20,000 answers of a second take ten seconds", () => {
    const { clock, counts } = send(20_000, Number.POSITIVE_INFINITY);
    clock.advanceSync(10_000);
    expect(counts.answered).toBe(20_000);
  });
});
