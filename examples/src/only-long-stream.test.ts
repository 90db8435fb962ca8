import { testStage } from "@parallel-parrot/core/testing";
import { describe, it } from "vitest";
import { onlyLongStream } from "./only-long-stream.ts";

describe("onlyLongStream", () => {
  const inputs = [{ text: "long enough" }, { text: "short" }, { text: "also long enough" }];
  testStage(it, {
    stage: () => onlyLongStream<{ text: string }>("text", 10),
    inputs,
    outputs: [{ text: "long enough" }, { text: "also long enough" }],
  });
});
