import { expect, it } from "vitest";
import { describeAmendments } from "./describe-amendments.ts";

it("what a model refused is told in words", () => {
  expect(
    describeAmendments(["omit:temperature", "use:max_completion_tokens", "json:object", "house:tone"]),
  ).toEqual(["temperature", "a schema: JSON mode, and the schema in words", "house:tone"]);
});
