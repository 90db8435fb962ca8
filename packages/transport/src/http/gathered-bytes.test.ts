import { expect, it } from "vitest";
import { GatheredBytes } from "./gathered-bytes.ts";

it("GatheredBytes holds a body that comes byte by byte in few buffers, and gives it as it was", () => {
  const sizes = [1, ...Array.from({ length: 100_000 }, () => 1), 5000, 3, 4095, 4095, 9000, 2];
  const pieces = sizes.map((size, at) => Buffer.alloc(size, at));
  const gathered = new GatheredBytes();
  for (const piece of pieces) gathered.add(piece);
  expect(gathered.blocks).toBeLessThan(15);
  expect(gathered.whole()).toEqual(Buffer.concat(pieces));
});

it("GatheredBytes copies nothing of a body that comes in one piece", () => {
  const piece = Buffer.from("{}");
  const gathered = new GatheredBytes();
  gathered.add(piece);
  expect(gathered.whole()).toBe(piece);
  expect(new GatheredBytes().whole()).toHaveLength(0);
});
