import { describe, expect, it } from "vitest";
import { nearestNames } from "../index.ts";

describe("nearestNames", () => {
  it.each<[name: string, candidates: readonly string[], nearest: readonly string[]]>([
    ["naem", ["name", "thoughts"], ["name"]],
    ["tpye", ["type", "title"], ["type"]],
    ["temprature", ["temperature", "topP"], ["temperature"]],
    ["max_tokens", ["maxTokens", "maxTotalTokens"], ["maxTokens"]],
    ["First Name", ["last_name", "first_name"], ["first_name", "last_name"]],
    ["text", ["next", "test", "texts", "tex", "image"], ["next", "test", "texts"]],
    ["id", ["di", "row"], ["di"]],
    ["review", ["question", "answer"], []],
    ["ab", ["cd"], []],
    ["x".repeat(65), ["x".repeat(65)], []],
  ])("nearestNames finds what %j may have been meant to be among %j", (name, candidates, nearest) => {
    expect(nearestNames(name, candidates)).toEqual(nearest);
  });
});
