import { describe, expect, it } from "vitest";
import { readRetryAfterMs } from "./retry-after.ts";

const read = (headers: Record<string, string>, message = ""): number | undefined =>
  readRetryAfterMs({ status: 429, headers, body: "" }, message);

describe("readRetryAfterMs", () => {
  it("readRetryAfterMs reads whole and broken seconds, and a date by the clock of the server", () => {
    expect(read({ "retry-after": "7200" })).toBe(7_200_000);
    expect(read({ "retry-after": " 0.25 " })).toBe(250);
    const date = "Mon, 30 Nov 2026 12:00:00 GMT";
    expect(read({ "retry-after": "Mon, 30 Nov 2026 12:00:04 GMT", date })).toBe(4000);
  });

  it.each(["-5", "0", "", "soon", "NaN", "1e99", "0x10", "Infinity", "Thu, 01 Jan 1970 00:00:00 GMT"])(
    "readRetryAfterMs has no wait where the header is %j, and reads the message instead",
    (value) => {
      expect(read({ "retry-after": value })).toBeUndefined();
      expect(read({ "retry-after": value }, "Please try again in 6m0.5s")).toBe(360_500);
    },
  );
});
