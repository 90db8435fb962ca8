import assert from "node:assert/strict";
import type { RegisterTest } from "@parallel-parrot/core/testing";
import type { ProviderAnswer, ProviderResponse } from "../provider.ts";
import { assertAnswer } from "./assert-answer.ts";
import { NONE, SECRET } from "./samples.ts";
import type { ProviderSpec } from "./spec.ts";

/** Tests that answers are read as the fixture says, and that no response makes the adapter throw. */
export function testAnswers(it: RegisterTest, spec: ProviderSpec): void {
  const provider = spec.provider(SECRET);

  it("reads the recorded answer", async () => {
    assertAnswer(provider, spec.answer);
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
