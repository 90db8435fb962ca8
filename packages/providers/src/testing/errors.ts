import assert from "node:assert/strict";
import type { RegisterTest } from "@parallel-parrot/core/testing";
import type { Amendment, Call } from "../provider.ts";
import { JSON_CALL, NONE, SECRET } from "./samples.ts";
import type { ProviderSpec } from "./spec.ts";

/** Tests that errors have the verdicts of the fixtures, and that amendments come to an end. */
export function testErrors(it: RegisterTest, spec: ProviderSpec): void {
  const provider = spec.provider(SECRET);

  for (const { name, response, verdict, code, retryAfterMs } of spec.errors) {
    it(`gives the verdict ${verdict} (${code}) on: ${name}`, async () => {
      const answer = provider.readResponse(response, NONE);
      assert.ok(!answer.ok, "the error was read as an answer");
      assert.equal(answer.rejection.verdict, verdict);
      assert.equal(answer.rejection.code, code);
      assert.ok(answer.rejection.message.trim() !== "", "the rejection has no message");
      if (retryAfterMs !== undefined) assert.equal(answer.rejection.retryAfterMs, retryAfterMs);
    });
  }

  it("ends its amendments, and each of them changes the request", async () => {
    for (const { response } of spec.errors.filter(({ verdict }) => verdict === "amend")) {
      const call: Call = {
        ...JSON_CALL,
        n: 2,
        params: { temperature: 1, topP: 1, maxTokens: 9, seed: 1, stop: ["x"], reasoningEffort: "low" },
      };
      const amendments = new Set<Amendment>();
      for (let step = 0; ; step++) {
        assert.ok(step < 10, "amendments do not end");
        const answer = provider.readResponse(response, amendments);
        if (answer.ok || answer.rejection.verdict !== "amend") break;
        const before = provider.buildRequest(call, amendments);
        amendments.add(answer.rejection.amendment);
        assert.notDeepEqual(provider.buildRequest(call, amendments), before, answer.rejection.amendment);
      }
    }
  });
}
