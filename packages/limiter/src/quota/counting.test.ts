import { describe, expect, it } from "vitest";
import { createLimiter, createVirtualClock } from "../index.ts";

const MINUTE = 60_000;
const LIMIT = 60_000;

/** A server with a minute that slides, which counts requests in one of the ways and is as fast as can be. */
function serve(
  way: "used" | "reserved" | "kept",
  minutes: number,
): { readonly letIn: number; readonly refused: number } {
  const clock = createVirtualClock();
  const limiter = createLimiter({ clock, limits: { tokensPerMinute: LIMIT }, random: () => 0.5 });
  const counted: { at: number; amount: number }[] = [];
  let letIn = 0;
  let refused = 0;
  const send = (): void => {
    for (let permit = limiter.tryReserve({ tokens: 400 }); permit !== undefined;) {
      const sent = permit;
      const now = clock.now();
      const inMinute = counted.reduce((sum, one) => sum + (one.at > now - MINUTE ? one.amount : 0), 0);
      const arriving = way === "used" ? 100 : 400;
      const isRefused = inMinute + arriving > LIMIT;
      const entry = { at: now, amount: arriving };
      if (!isRefused) counted.push(entry);
      if (now > (minutes - 1) * MINUTE) {
        if (isRefused) refused += 1;
        else letIn += 1;
      }
      clock.after(isRefused ? 20 : 20_000, () => {
        if (isRefused) return sent.throttle();
        if (way === "reserved") entry.amount = 100;
        sent.settle({ tokens: 100 });
      });
      permit = limiter.tryReserve({ tokens: 400 });
    }
  };
  for (let ms = 0; ms < minutes * MINUTE; ms += 50) {
    send();
    clock.advanceSync(50);
    while ((counted[0]?.at ?? clock.now()) < clock.now() - MINUTE) counted.shift();
  }
  return { letIn, refused };
}

describe("Counting", () => {
  it("a server that counts what requests take in the end is used in full, though four times that is reserved for twenty seconds", () => {
    const { letIn, refused } = serve("used", 5);
    expect(letIn * 100).toBeGreaterThan(0.95 * LIMIT);
    expect(refused).toBeLessThan(0.02 * letIn);
  });

  it("a server that counts what is reserved until the answer comes is not sent more than that", () => {
    const { letIn, refused } = serve("reserved", 5);
    // A third of a minute long, a request counts four times what it takes.
    expect(letIn * 100).toBeGreaterThan(0.45 * LIMIT);
    expect(refused).toBeLessThan(0.05 * letIn);
  });

  it("a server that keeps what was reserved is sent as much as it keeps", () => {
    const { letIn, refused } = serve("kept", 5);
    expect(letIn * 400).toBeGreaterThan(0.9 * LIMIT);
    expect(refused).toBeLessThan(0.05 * letIn);
  });
});
