import { describe, expect, it } from "vitest";
import { failureKind } from "./failure-kind.ts";

describe("failureKind", () => {
  it.each([
    ["Cannot read 12 of 1,234.5 tokens", "Cannot read # of # tokens"],
    ['Row 7: "a \\"b\\" c" is no number', "Row #: … is no number"],
    ["Request req_8f3a2b19c0 failed with HTTP 500", "Request … failed with HTTP #"],
    ["The model gpt-4.1-mini is overloaded", "The model gpt-#-mini is overloaded"],
    ["a well-known-reason without digits", "a well-known-reason without digits"],
  ])("%s is of the kind %s", (message, kind) => expect(failureKind(message)).toBe(kind));
});
