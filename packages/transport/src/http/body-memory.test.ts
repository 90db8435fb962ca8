import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BodyMemory, ReceivedBody } from "./body-memory.ts";

class Body extends ReceivedBody {
  isPaused = false;

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }
}

describe("BodyMemory", () => {
  it("BodyMemory pauses bodies where there is no more room in memory, and resumes them when there is", () => {
    const memory = new BodyMemory(100);
    const [first, second, third] = [new Body(), new Body(), new Body()];
    memory.take(first, 60);
    memory.take(second, 60);
    memory.take(third, 10);
    expect([first, second, third].map(({ isPaused }) => isPaused)).toEqual([false, true, true]);
    memory.release(first);
    expect([second, third].map(({ isPaused }) => isPaused)).toEqual([false, false]);
  });

  it("BodyMemory lets a body go on that is alone and larger than all the room", () => {
    const memory = new BodyMemory(100);
    const body = new Body();
    for (let n = 0; n < 10; n++) memory.take(body, 60);
    expect(body.isPaused).toBe(false);
  });

  it("always lets one body go on, and takes no more than its bound, one body and a piece of each that waits", () => {
    const step = fc.tuple(fc.nat(9), fc.nat(300));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const memory = new BodyMemory(1000);
        const bodies = Array.from({ length: 10 }, () => new Body());
        /** A body that ends is waited for no longer; its place takes another one. */
        const end = (body: Body): void => {
          memory.release(body);
          body.isPaused = false;
        };
        for (const [place, bytes] of steps) {
          const body = bodies[place] ?? new Body();
          if (bytes === 0 || body.heldBytes > 1500) end(body);
          else if (!body.isPaused) memory.take(body, bytes);
          const held = bodies.filter(({ heldBytes }) => heldBytes > 0);
          expect(held.length === 0 || held.some(({ isPaused }) => !isPaused)).toBe(true);
          const total = held.reduce((sum, { heldBytes }) => sum + heldBytes, 0);
          const largest = Math.max(0, ...held.map(({ heldBytes }) => heldBytes));
          const waiting = held.filter(({ isPaused }) => isPaused).length;
          expect(total).toBeLessThanOrEqual(1000 + largest + 300 * waiting);
        }
        for (const body of bodies) end(body);
        expect(bodies.every(({ isPaused, heldBytes }) => !isPaused && heldBytes === 0)).toBe(true);
      }),
    );
  });
});
