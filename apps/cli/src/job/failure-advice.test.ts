import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { FAILURE_ADVICE, isWorthAsking } from "./failure-advice.ts";

describe("FAILURE_ADVICE", () => {
  it.each(Object.entries(FAILURE_ADVICE))(
    "the advice on %s is in the README",
    (code, { what, again, advice }) => {
      const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8").replaceAll(
        / {2,}/g,
        " ",
      );
      const words = again === true ? "asked again" : again.length === 0 ? "not asked" : again.join(", ");
      const cells = [`\`${code}\``, what, words, advice.replaceAll("retry-failed", "`parrot retry-failed`")];
      expect(readme).toContain(`| ${cells.join(" | ")} |`);
    },
  );

  it("rows whose failure may pass are asked again, others only with a change that helps", () => {
    expect(isWorthAsking("NETWORK", new Set())).toBe(true);
    expect(isWorthAsking("OUTPUT_TRUNCATED", new Set())).toBe(false);
    expect(isWorthAsking("OUTPUT_TRUNCATED", new Set(["sampling", "fewer tokens"]))).toBe(false);
    expect(isWorthAsking("OUTPUT_TRUNCATED", new Set(["more tokens"]))).toBe(true);
    expect(isWorthAsking("CONTENT_FILTERED", new Set(["more tokens", "reasoning"]))).toBe(false);
    expect(isWorthAsking("CONTENT_FILTERED", new Set(["model"]))).toBe(true);
  });
});
