import assert from "node:assert/strict";
import type { BatchDialect, BatchJobSpec, BatchRequest, BatchUpload } from "../../batch/batch-dialect.ts";
import type { BatchSpec } from "../spec.ts";

/** A job that is to be made. */
export const JOB: BatchJobSpec = { name: "job-7b1d4e2a", requests: 2, bytes: 500, windowHours: 24 };
/** As long as the hash of a request is. */
export const KEY = "kEY_-0123456789abcdefghijklmnopqrstuvwxyzABC";

/** The requests of an upload, with the recorded responses to them. */
export function upload(
  batch: BatchDialect,
  { upload: recorded }: BatchSpec,
): { requests: BatchRequest[]; fileId: string } {
  const requests: BatchRequest[] = [];
  let step: BatchUpload | undefined = batch.upload?.(JOB);
  let fileId = "";
  for (const response of recorded?.responses ?? []) {
    assert.ok(step !== undefined, "there is no further step of the upload");
    requests.push(step.request);
    const reading = step.read(response);
    assert.ok(reading.ok, "a step of the upload is not read");
    ({ next: step, fileId = "" } = reading);
  }
  assert.equal(step, undefined, "the upload has a step more than is recorded");
  return { requests, fileId };
}
