import assert from "node:assert/strict";
import type { RegisterTest } from "@parallel-parrot/core/testing";
import type { ProviderAnswer, ProviderResponse } from "../provider.ts";
import { NONE, SECRET } from "./samples.ts";
import type { ProviderSpec } from "./spec.ts";
import { definedFields } from "../json-fields.ts";

/** Tests that answers are read as the fixture says, and that no response makes the adapter throw. */
export function testAnswers(it: RegisterTest, spec: ProviderSpec): void {
  const provider = spec.provider(SECRET);

  it("reads the recorded answer", async () => {
    const { response, texts, inputTokens, outputTokens } = spec.answer;
    const answer = provider.readResponse(response, NONE);
    assert.ok(answer.ok, `the answer was rejected${answer.ok ? "" : `: ${answer.rejection.message}`}`);
    const { completion } = answer;
    assert.deepEqual(
      completion.choices.map(({ text }) => text),
      texts,
    );
    const { cachedInputTokens, reasoningTokens, finishReasons, limits } = spec.answer;
    const expected = { requests: 1, inputTokens, outputTokens, cachedInputTokens, reasoningTokens };
    const { usage } = completion;
    assert.deepEqual(usage, { ...usage, ...definedFields(expected) });
    const reasons = completion.choices.map(({ finishReason }) => finishReason);
    if (finishReasons !== undefined) assert.deepEqual(reasons, finishReasons);
    if (limits !== undefined) assert.deepEqual(provider.readLimits(response), limits);
  });

  it("reads the recorded answer from status and body alone", async () => {
    const { response } = spec.answer;
    assert.deepEqual(
      provider.readResponse({ ...response, headers: {} }, NONE),
      provider.readResponse(response, NONE),
    );
  });

  it("never throws, whatever the response is", async () => {
    const bodies = [
      "",
      "null",
      "[]",
      "0",
      '"x"',
      "{}",
      "<html></html>",
      '{"error":null}',
      '{"error":[]}',
      '{"error":"x"}',
      '{"choices":[null]}',
      '{"choices":{}}',
      spec.answer.response.body.slice(0, -9),
    ];
    for (const status of [
      200, 204, 301, 400, 401, 402, 403, 404, 408, 409, 413, 422, 429, 500, 502, 503, 529, 599,
    ]) {
      for (const body of bodies) {
        const response: ProviderResponse = { status, headers: { "retry-after": "soon" }, body };
        const read = (): ProviderAnswer => provider.readResponse(response, NONE);
        const what = `status ${status} with the body ${JSON.stringify(body)}`;
        assert.doesNotThrow(read, what);
        assert.equal(typeof read().ok, "boolean", what);
        assert.doesNotThrow(() => provider.readLimits(response), what);
      }
    }
  });
}
