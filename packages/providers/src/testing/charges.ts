import assert from "node:assert/strict";
import type { RegisterTest } from "@parallel-parrot/core/testing";
import { SECRET } from "./samples.ts";
import type { ProviderSpec } from "./spec.ts";

/** What the limiter charges is whole and finite, before and after. */
export function testCharges(it: RegisterTest, spec: ProviderSpec): void {
  const provider = spec.provider(SECRET);

  it("charges for a request before and after", async () => {
    const estimate = { inputTokens: 100, expectedOutputTokens: 50 };
    const before = provider.chargeUpFront(estimate);
    const after = provider.chargeAfter(estimate, { inputTokens: 90, outputTokens: 20, cachedInputTokens: 0 });
    assert.equal(before.requests, 1);
    for (const amount of [...Object.values(before), ...Object.values(after)]) assert.ok(amount >= 0);
    const capped = provider.chargeUpFront({ ...estimate, maxTokens: 10_000 });
    assert.ok(Object.values(capped).every((amount) => Number.isFinite(amount)));
  });
}
