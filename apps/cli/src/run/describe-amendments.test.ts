import { expect, it } from "vitest";
import { describeAmendments, describeStreaming } from "./describe-amendments.ts";

it("what a model refused is told in words", () => {
  expect(
    describeAmendments(["omit:temperature", "use:max_completion_tokens", "json:object", "house:tone"]),
  ).toEqual(["temperature", "a schema (JSON mode and words instead)", "house:tone"]);
});

it("answers that were streamed are told where no stream was asked for, and not among what was refused", () => {
  expect(describeAmendments(["stream:on", "omit:stream_options"])).toEqual(["the usage of a stream"]);
  expect(describeStreaming(["stream:on"])).toEqual([
    "Answers were streamed: the server demanded it, or a gateway cut a long answer off",
  ]);
  expect(describeStreaming([])).toEqual([]);
  expect(describeStreaming(["stream:on", "stream:off"])).toEqual([]);
});
