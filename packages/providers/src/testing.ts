import type { RegisterTest } from "@parallel-parrot/core/testing";
import { testAnswers } from "./testing/answers.ts";
import { testCharges } from "./testing/charges.ts";
import { testErrors } from "./testing/errors.ts";
import { testImages } from "./testing/images.ts";
import { testLimits } from "./testing/limits.ts";
import { testRequests } from "./testing/requests.ts";
import { testSecrets } from "./testing/secrets.ts";
import type { ProviderSpec } from "./testing/spec.ts";

export type { AnswerFixture, ErrorFixture, ProviderSpec } from "./testing/spec.ts";

/**
 * Registers the conformance tests that every adapter passes: requests are pure, complete and free of secrets,
 * nothing the user did not set is sent, answers and errors are read by one vocabulary, amendments end, and no
 * response whatever makes it throw.
 */
export function testProvider(it: RegisterTest, spec: ProviderSpec): void {
  testRequests(it, spec);
  testImages(it, spec);
  testCharges(it, spec);
  testAnswers(it, spec);
  testLimits(it, spec);
  testErrors(it, spec);
  testSecrets(it, spec);
}
