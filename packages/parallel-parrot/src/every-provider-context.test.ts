import { describe, expect, it } from "vitest";
import { ask, CASES, setStage } from "../fixtures/every-provider.ts";
import type { Row } from "./index.ts";

const CONTEXT_TOKENS = 1200;
const { simulator, make } = await setStage({ contextTokens: CONTEXT_TOKENS });

/** Three times what fits, at four characters a token. */
const LONG = "All of it was excellent, and I love every part. ".repeat(300);
const ROWS: readonly Row[] = [
  { text: "I love it. Excellent!" },
  { text: LONG },
  { text: "Terrible. It broke." },
];
const SYSTEM = "Tell the sentiment of each review.";

/** The texts of every request that was answered, as far as they are those of the long row. */
function longRequests(): readonly string[] {
  return simulator.ledger.answered().flatMap(({ body }) => textsIn(body).filter((text) => text.length > 500));
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

describe.each(CASES)("a prompt that is too long for $name", (entry) => {
  it("a prompt that is too long fails its row alone", async () => {
    const { answers, run } = await ask(make(entry), { rows: ROWS });
    expect(answers).toHaveLength(2);
    expect(run.failures).toMatchObject([{ index: 1, failure: { code: "CONTEXT_TOO_LONG" } }]);
    expect(run.warningCounts).toEqual({});
  });

  it("a prompt that is too long leaves its row without an answer with onContext skip, and a warning", async () => {
    const { answers, run } = await ask(make(entry), { rows: ROWS, onContext: "skip" });
    expect(answers.map(({ output }) => output)).toEqual(["positive", null, "negative"]);
    expect(run.failures).toEqual([]);
    expect(run.withoutOutputs).toBe(0);
    expect(run.warningCounts).toEqual({ PROMPT_SKIPPED: 1 });
    expect(run.warnings).toMatchObject([{ index: 1, code: "PROMPT_SKIPPED" }]);
    expect(run.progress()).toMatchObject({ completed: 3, skipped: 1, failed: 0 });
  });

  it("a prompt that is too long is cut with onContext truncate, in the text of its column alone", async () => {
    const { answers, run } = await ask(make(entry), { rows: ROWS, system: SYSTEM, onContext: "truncate" });
    expect(answers.map(({ output }) => output)).toEqual(["positive", "positive", "negative"]);
    expect(run.failures).toEqual([]);
    expect(run.warningCounts).toEqual({ PROMPT_SHORTENED: 1 });
    const [asked = "", ...others] = longRequests();
    expect(others).toEqual([]);
    const cell = asked.slice(asked.indexOf("Sentiment of: ") + "Sentiment of: ".length);
    expect(LONG.startsWith(cell)).toBe(true);
    expect(run.warnings[0]?.message).toBe(
      `The prompt did not fit the model's context window: column "text" was cut from ${LONG.length} to ${cell.length} characters`,
    );
    // What the answer may take is 200 tokens; at worst, nothing but refusals told how much was too much.
    expect(cell.length).toBeGreaterThan(0.6 * 4 * (CONTEXT_TOKENS - 200));
    expect(JSON.stringify(simulator.ledger.answered().map(({ body }) => body))).toContain(SYSTEM);
  });
});
