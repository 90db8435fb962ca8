import assert from "node:assert/strict";
import type { RegisterTest } from "@parallel-parrot/core/testing";
import { JSON_CALL, NONE, SECRET } from "./samples.ts";
import type { ProviderSpec } from "./spec.ts";

/** The key is in the credentials and nowhere else. */
export function testSecrets(it: RegisterTest, spec: ProviderSpec): void {
  const provider = spec.provider(SECRET);

  it("keeps the key out of everything but the credentials", async () => {
    const request = provider.buildRequest(JSON_CALL, NONE);
    assert.ok(!JSON.stringify([request, provider]).includes(SECRET));
    const credentials = await provider.authorize(request);
    assert.notDeepEqual(credentials, await spec.provider(`${SECRET}-2`).authorize(request));
  });

  it("takes the key out of a message that echoes it", async () => {
    for (const { response } of spec.errors) {
      const body = response.body.replace(/"message":\s*"/, `$&Incorrect API key provided: ${SECRET}. `);
      const answer = provider.readResponse({ ...response, body }, NONE);
      assert.ok(!answer.ok && !answer.rejection.message.includes(SECRET));
    }
  });
}
