import assert from "node:assert/strict";
import type { RegisterTest } from "@parallel-parrot/core/testing";
import { SECRET } from "../samples.ts";
import type { ProviderSpec } from "../spec.ts";
import { testBorders } from "./borders.ts";
import { testJobs } from "./jobs.ts";
import { testLines } from "./lines.ts";
import { testResults } from "./results.ts";

/** Tests that jobs are made and read as the fixtures say, and that their requests go to the API alone. */
export function testBatches(it: RegisterTest, spec: ProviderSpec): void {
  const provider = spec.provider(SECRET);
  const { batch } = provider;
  if (batch === undefined && spec.batch === undefined) return;
  it("has batches if any are recorded", async () => {
    assert.ok(batch !== undefined, "there are recorded batches, but the provider has none");
  });
  if (batch === undefined) return;
  testLines(it, provider, batch);
  if (spec.batch === undefined) return;
  testJobs(it, batch, spec.batch);
  testResults(it, provider, batch, spec.batch);
  testBorders(it, provider, batch, spec.batch);
}
