import assert from "node:assert/strict";
import type { RegisterTest } from "@parallel-parrot/core/testing";
import { SECRET } from "./samples.ts";
import type { ProviderSpec } from "./spec.ts";

/** Tests that charges are finite and not negative, before and after the answer. */
export function testCharges(it: RegisterTest, spec: ProviderSpec): void {
  const provider = spec.provider(SECRET);

  it("charges for a request when it is sent and when it is answered", async () => {
    const estimate = { inputTokens: 100, expectedOutputTokens: 50 };
    const before = provider.chargeUpFront(estimate);
    const after = provider.chargeAfter(estimate, { inputTokens: 90, outputTokens: 20, cachedInputTokens: 0 });
    assert.equal(before.requests, 1, "a request is charged as one request");
    const capped = provider.chargeUpFront({ ...estimate, maxTokens: 10_000 });
    for (const charge of [before, after, capped])
      for (const [dimension, amount] of Object.entries(charge))
        assert.ok(Number.isFinite(amount) && amount >= 0, `the charge of ${dimension} is ${amount}`);
  });
}
