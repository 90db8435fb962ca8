import assert from "node:assert/strict";
import type { Provider } from "../provider.ts";
import { definedFields } from "../json-fields.ts";
import { NONE } from "./samples.ts";
import type { AnswerFixture } from "./spec.ts";

/** Asserts that an adapter reads a recorded answer as the fixture says. */
export function assertAnswer(provider: Provider, fixture: AnswerFixture): void {
  const { response, texts, inputTokens, outputTokens } = fixture;
  const answer = provider.readResponse(response, NONE);
  assert.ok(answer.ok, `the answer was rejected${answer.ok ? "" : `: ${answer.rejection.message}`}`);
  const { completion } = answer;
  assert.deepEqual(
    completion.choices.map(({ text }) => text),
    texts,
  );
  const { cachedInputTokens, reasoningTokens, finishReasons, limits } = fixture;
  const expected = { requests: 1, inputTokens, outputTokens, cachedInputTokens, reasoningTokens };
  const { usage } = completion;
  assert.deepEqual(usage, { ...usage, ...definedFields(expected) });
  const reasons = completion.choices.map(({ finishReason }) => finishReason);
  if (finishReasons !== undefined) assert.deepEqual(reasons, finishReasons);
  if (limits !== undefined) assert.deepEqual(provider.readLimits(response), limits);
}
