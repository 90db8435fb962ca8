import assert from "node:assert/strict";
import type { RegisterTest } from "@parallel-parrot/core/testing";
import type { ProviderResponse } from "../provider.ts";
import { SECRET } from "./samples.ts";
import type { ProviderSpec } from "./spec.ts";

/** Tests that limits are read from where the adapter says that they are told. */
export function testLimits(it: RegisterTest, spec: ProviderSpec): void {
  const provider = spec.provider(SECRET);

  it("reads limits only from where it says that the API tells them", async () => {
    const { limits } = provider.capabilities;
    const responses = [spec.answer, ...spec.errors].map(({ response }) => response);
    const told = responses.filter((response) => {
      const silent = limits === "headers" ? { ...response, headers: {} } : withOpenaiLimits(response);
      return provider.readLimits(silent).length > 0;
    });
    if (limits !== "body") assert.deepEqual(told, [], "limits are read although none should be told");
    assert.ok(told.every(({ status }) => status >= 400));
  });
}

/** Adds the headers in which most servers tell limits. */
function withOpenaiLimits(response: ProviderResponse): ProviderResponse {
  const limits = { "x-ratelimit-limit-requests": "60", "x-ratelimit-remaining-requests": "59" };
  return { ...response, headers: { ...response.headers, ...limits } };
}
