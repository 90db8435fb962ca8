import { describe, expect, it } from "vitest";
import type { ContextSize } from "@parallel-parrot/providers";
import { nextLength, type TooLong } from "./next-length.ts";

/** A server that refuses what is too long, and tells of it what it tells. */
interface Server {
  readonly allowed: number;
  /** Tokens of the first so many characters. */
  readonly tokens: (characters: number) => number;
  readonly tells: (prompt: number, allowed: number) => ContextSize;
}

/** What is asked of a server until it takes it: the lengths, the last of which it takes. */
function ask({ allowed, tokens, tells }: Server, characters: number, most = 16): readonly number[] {
  const refusals: TooLong[] = [];
  const asked = [characters];
  for (let length = characters; tokens(length) > allowed; asked.push(length)) {
    if (refusals.length > most) throw new Error(`Still refused after ${asked.join(", ")}`);
    refusals.push({ characters: length, size: tells(tokens(length), allowed) });
    const next = nextLength(refusals);
    expect(next).toBeLessThan(length);
    length = next;
  }
  return asked;
}

const even = (charsPerToken: number) => (characters: number) => Math.ceil(characters / charsPerToken);
const all = (prompt: number, allowed: number): ContextSize => ({ prompt, allowed });
const excess = (prompt: number, allowed: number): ContextSize => ({ excess: prompt - allowed });
const both = (prompt: number, allowed: number): ContextSize => ({ excess: prompt - allowed, allowed });
const limit = (_: number, allowed: number): ContextSize => ({ allowed });
const nothing = (): ContextSize => ({});

describe("nextLength", () => {
  it.each<[name: string, server: Server, refusals: number, used: number]>([
    ["all, English", { allowed: 128_000, tokens: even(4.3), tells: all }, 1, 0.98],
    ["all, Chinese", { allowed: 32_000, tokens: even(0.9), tells: all }, 1, 0.98],
    ["all, blanks", { allowed: 8000, tokens: even(40), tells: all }, 1, 0.98],
    [
      "all, half of it for a schema",
      { allowed: 8000, tokens: (c) => 4000 + even(4)(c), tells: all },
      3,
      0.95,
    ],
    [
      "all, twice as dense at the end",
      {
        allowed: 20_000,
        tokens: (c) => even(4)(Math.min(c, 9e4)) + even(2)(Math.max(0, c - 9e4)),
        tells: all,
      },
      1,
      0.5,
    ],
    [
      "all, much denser at the beginning",
      {
        allowed: 20_000,
        tokens: (c) => even(1)(Math.min(c, 9e4)) + even(5)(Math.max(0, c - 9e4)),
        tells: all,
      },
      2,
      0.95,
    ],
    ["by how much it is too long", { allowed: 8000, tokens: even(4), tells: excess }, 7, 0.95],
    ["that and how long it may be", { allowed: 8000, tokens: even(3), tells: both }, 1, 0.97],
    ["how long it may be", { allowed: 8000, tokens: even(4.3), tells: limit }, 1, 0.9],
    ["how long it may be, of Chinese", { allowed: 8000, tokens: even(1.2), tells: limit }, 5, 0.69],
    ["nothing", { allowed: 8000, tokens: even(4), tells: nothing }, 10, 0.69],
  ])("a length that fits is found at a server that tells %s", (_, server, refusals, used) => {
    const asked = ask(server, 1_000_000);
    expect(asked.length - 1).toBeLessThanOrEqual(refusals);
    expect(server.tokens(asked.at(-1) ?? 0) / server.allowed).toBeGreaterThanOrEqual(used);
    expect(ask(server, 1_000_000)).toEqual(asked);
  });

  it("a length that fits is found within sixteen refusals for megabytes and the smallest model, whatever the server tells", () => {
    for (const tells of [all, excess, limit, nothing]) {
      const asked = ask({ allowed: 2000, tokens: even(3), tells }, 5_000_000);
      expect(asked.length - 1).toBeLessThanOrEqual(16);
      expect(asked.at(-1)).toBeGreaterThan(2400);
    }
  });

  it("the next length is shorter than a conversation that is one token too long", () => {
    for (const tells of [all, excess, limit, nothing])
      expect(ask({ allowed: 10_000, tokens: even(4), tells }, 40_004)).toHaveLength(2);
  });

  it.each<ContextSize>([
    { prompt: 100, allowed: 200 },
    { prompt: 100, allowed: 200, answer: 50 },
    { excess: 0 },
  ])("nextLength makes do with figures that make no sense: %j", (size) => {
    expect(nextLength([{ characters: 1000, size }])).toBeLessThanOrEqual(700);
  });

  it("the next length leaves room for the answer", () => {
    const size = { prompt: 5000, allowed: 8000, answer: 4000 };
    const next = nextLength([{ characters: 20_000, size }]);
    expect(next).toBeLessThan(16_000);
    expect(next).toBeGreaterThan(15_000);
    expect(nextLength([{ characters: 100_000, size: { allowed: 8000, answer: 4000 } }])).toBe(16_000);
  });
});
