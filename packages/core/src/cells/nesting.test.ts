import { describe, expect, it } from "vitest";
import { MAX_NESTING, nestingProblem } from "./nesting.ts";

function nest(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? { a: value } : [0, value];
  return value;
}

describe("nestingProblem", () => {
  it("nestingProblem finds what is nested too deeply, at any depth", () => {
    expect(nestingProblem(nest(MAX_NESTING))).toBeUndefined();
    expect(nestingProblem(nest(MAX_NESTING + 1))).toBe("is nested deeper than 1000 levels");
    expect(nestingProblem([1, nest(1_000_000), 2])).toBe("is nested deeper than 1000 levels");
    expect(nestingProblem(new Map([["a", new Set([nest(MAX_NESTING)])]]))).toContain("nested");
  });

  it("nestingProblem finds a circle, and takes the same object in two places for none", () => {
    const shared = { list: [1] };
    expect(nestingProblem({ one: shared, other: [shared, shared] })).toBeUndefined();
    const circle: Record<string, unknown> = { one: shared };
    circle["self"] = [circle];
    expect(nestingProblem(circle)).toBe("has a circular reference");
  });

  it("nestingProblem takes linear time where the same objects lie in each other again and again", () => {
    let value: unknown = [1];
    for (let level = 0; level < 500; level++) value = [value, value, value];
    expect(nestingProblem(value)).toBeUndefined();
  });

  it("nestingProblem does not look into instances of classes, nor into what has a toJSON of its own", () => {
    class Node {
      readonly self: Node = this;
    }
    const own: Record<string, unknown> = { toJSON: () => 1 };
    own["self"] = own;
    expect(
      nestingProblem([new Node(), own, new Date(), Buffer.alloc(9), null, undefined, 1n]),
    ).toBeUndefined();
  });
});
