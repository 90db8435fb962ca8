import assert from "node:assert/strict";
import type { RegisterTest } from "@parallel-parrot/core/testing";
import { AS_STREAM } from "../amendments.ts";
import type { ProviderResponse } from "../provider.ts";
import { assertAnswer } from "./assert-answer.ts";
import { CALL, NONE, SECRET } from "./samples.ts";
import type { ProviderSpec } from "./spec.ts";

/** Tests that streams are asked for, and are put together to the answer in one piece or to none. */
export function testStreams(it: RegisterTest, { provider: make, stream }: ProviderSpec): void {
  if (stream === undefined) return;
  const provider = make(SECRET);
  const { response, texts } = stream;

  it("puts the recorded stream together to an answer in one piece", async () => {
    assertAnswer(provider, stream);
    const answer = provider.readResponse(response, NONE);
    assert.ok(answer.ok && answer.body !== undefined, "the answer has no body for a journal");
    const again = provider.readResponse({ status: 200, headers: {}, body: answer.body }, NONE);
    assert.deepEqual(again, { ok: true, completion: answer.completion }, "the body is read otherwise");
  });

  it("takes no part of a stream for the answer, wherever it breaks off", async () => {
    const lines = response.body.split("\n");
    for (let count = 1; count < lines.length; count++) {
      const part: ProviderResponse = { ...response, body: lines.slice(0, count).join("\n") };
      const answer = provider.readResponse(part, NONE);
      // Only the usage, or the mark of the end, may be missing.
      if (answer.ok) {
        const read = answer.completion.choices.map(({ text }) => text);
        assert.deepEqual(read, texts, `${count} lines of the stream are taken for the answer`);
      } else assert.equal(answer.rejection.verdict, "retry", `the verdict on ${count} lines of the stream`);
    }
  });

  it("asks for a stream with a request that is else the plain one, by which a journal finds the answer", async () => {
    const { plain, ...asked } = provider.buildRequest(CALL, new Set([AS_STREAM]));
    const { url, body } = provider.buildRequest(CALL, NONE);
    assert.deepEqual(plain, { url, body }, "plain is not the request without a stream");
    assert.notDeepEqual({ url: asked.url, body: asked.body }, plain, "no stream is asked for");
  });
}
