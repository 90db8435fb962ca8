import type { RegisterTest } from "@parallel-parrot/core/testing";
import { testAnswers } from "./testing/answers.ts";
import { testBatches } from "./testing/batches/batches.ts";
import { testCharges } from "./testing/charges.ts";
import { testErrors } from "./testing/errors.ts";
import { testImages } from "./testing/images.ts";
import { testLimits } from "./testing/limits.ts";
import { testRequests } from "./testing/requests.ts";
import { testSecrets } from "./testing/secrets.ts";
import { testStreams } from "./testing/streams.ts";
import type { ProviderSpec } from "./testing/spec.ts";

export type {
  AnswerFixture,
  BatchJobFixture,
  BatchResultFixture,
  BatchSpec,
  ErrorFixture,
  ProviderSpec,
} from "./testing/spec.ts";

/**
 * Registers the conformance tests that every adapter passes. Requests are pure, complete and free of secrets, and send
 * nothing that the user did not set. Answers, streams, errors and batches are read as the fixtures say. Amendments come
 * to an end, and no response makes the adapter throw.
 */
export function testProvider(it: RegisterTest, spec: ProviderSpec): void {
  testRequests(it, spec);
  testImages(it, spec);
  testCharges(it, spec);
  testAnswers(it, spec);
  testStreams(it, spec);
  testLimits(it, spec);
  testErrors(it, spec);
  testSecrets(it, spec);
  testBatches(it, spec);
}
