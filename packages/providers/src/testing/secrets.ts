import assert from "node:assert/strict";
import type { RegisterTest } from "@parallel-parrot/core/testing";
import { JSON_CALL, NONE, SECRET } from "./samples.ts";
import type { ProviderSpec } from "./spec.ts";

/** Tests that the key is in the credentials and nowhere else. */
export function testSecrets(it: RegisterTest, spec: ProviderSpec): void {
  const provider = spec.provider(SECRET);

  it("has the key only in the credentials", async () => {
    const request = provider.buildRequest(JSON_CALL, NONE);
    const isShown = JSON.stringify([request, provider]).includes(SECRET);
    assert.ok(!isShown, "the key is in the request or the provider; only authorize may give it");
    const [one, other] = [provider, spec.provider(`${SECRET}-2`)].map((each) => each.authorize(request));
    assert.notDeepEqual(await one, await other, "authorize gives the same for two keys");
  });

  it("takes the key out of a message that repeats it", async () => {
    for (const { response } of spec.errors) {
      const body = response.body.replace(/"message":\s*"/, `$&Incorrect API key provided: ${SECRET}. `);
      const answer = provider.readResponse({ ...response, body }, NONE);
      assert.ok(!answer.ok, "an error was read as an answer");
      assert.ok(
        !answer.rejection.message.includes(SECRET),
        "a message has the key in it; redact takes it out",
      );
    }
  });
}
