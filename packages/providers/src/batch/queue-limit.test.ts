import { expect, it } from "vitest";
import { queueLimitIn } from "./queue-limit.ts";

it.each([
  ["Enqueued token limit reached for m in organization o. Limit: 2,000,000 enqueued tokens.", 2_000_000],
  ["The number of enqueued tokens has surpassed the configured limit of 30K for the deployment d.", 30_000],
  ["surpassed the configured limit of 1.5M", 1_500_000],
  ["limit of 15B", 15e9],
  ["The limit is reached", undefined],
  ["limit of 0 tokens", undefined],
])("the limit of the queue is read from: %s", (message, limit) => {
  expect(queueLimitIn(message)).toBe(limit);
});
