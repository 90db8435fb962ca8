import assert from "node:assert/strict";
import type { RegisterTest } from "@parallel-parrot/core/testing";
import { isRecord } from "@parallel-parrot/core";
import type { BatchDialect, BatchJob, BatchListing } from "../../batch/batch-dialect.ts";
import type { BatchSpec } from "../spec.ts";
import { JOB, upload } from "./samples.ts";

/** Tests that jobs are made, read and listed as the fixtures say. */
export function testJobs(it: RegisterTest, batch: BatchDialect, spec: BatchSpec): void {
  it("uploads all lines once, and gives the file that the last step tells", async () => {
    const { requests, fileId } = upload(batch, spec);
    const bodies = [...requests, batch.create(JOB, fileId).request].map(({ body }) => body);
    const withLines = bodies.filter((body) => isRecord(body));
    assert.equal(withLines.length, 1, "not exactly one request has the lines in it");
    assert.equal(fileId, spec.upload?.fileId ?? "");
    assert.equal(batch.way, spec.upload === undefined ? "body" : "file", "the way is told wrongly");
    assert.equal(batch.separator.length, 1, "the separator is not one character");
  });

  it("makes a job, and takes only a clear refusal for none", async () => {
    const creation = batch.create(JOB, spec.upload?.fileId ?? "");
    const created = creation.read(spec.created);
    assert.ok(created.ok, "the created job is not read");
    const hasName = JSON.stringify(creation.request).includes(JOB.name);
    assert.equal(hasName, batch.foundBy === "name", "foundBy is wrong about the name");
    for (const status of [200, 202, 301, 307, 400, 401, 404, 408, 409, 413, 429, 499, 500, 502, 503, 504]) {
      const answer = creation.read({ status, headers: {}, body: '{"error":{"message":"no"}}' });
      assert.ok(!answer.ok, `status ${status} was read as a job`);
      const isCertain = [400, 401, 404, 413, 429].includes(status);
      assert.equal(answer.isCertain, isCertain, `whether there is no job after status ${status}`);
    }
  });

  for (const { name, response, job, refused } of spec.jobs)
    it(`reads the recorded job: ${name}`, async () => {
      const reading = batch.get("job_1").read(response);
      assert.ok(reading.ok, "the job is not read");
      const { refused: found, ...read } = reading.job;
      for (const [field, value] of Object.entries(job))
        assert.deepEqual(Object.entries(read).find(([each]) => each === field)?.[1], value, field);
      assert.equal(found?.rejection.verdict, refused?.verdict);
      assert.equal(found?.rejection.code, refused?.code);
      assert.equal(found?.queueLimit, refused?.queueLimit);
      assert.deepEqual(found?.lines?.map(({ line }) => line) ?? [], refused?.lines ?? []);
    });

  it("has a recorded job that runs and one that has ended, and takes an unknown state for a running one", async () => {
    const phases = new Set(spec.jobs.map(({ job }) => job.phase));
    for (const phase of ["running", "ended"] as const)
      assert.ok(phases.has(phase), `no recorded job is in the phase ${phase}`);
    const body = spec.created.body.replaceAll(
      /"(status|processing_status|state)":\s*"[^"]*"/g,
      '"$1":"not_known_yet"',
    );
    const reading = batch.get("job_1").read({ ...spec.created, body });
    assert.ok(reading.ok, "a job in an unknown state is not read");
    assert.ok(reading.job.phase !== "ended", "an unknown state is taken for the end");
  });

  it("lists the jobs of all pages", async () => {
    const jobs: BatchJob[] = [];
    let page: BatchListing | undefined = batch.list(0);
    for (const response of spec.list.pages) {
      assert.ok(page !== undefined, "there is no request for a further page");
      const reading = page.read(response);
      assert.ok(reading.ok, "a page is not read");
      jobs.push(...reading.jobs);
      page = reading.next;
    }
    assert.equal(page, undefined, "a page after the last one is asked for");
    assert.deepEqual(
      jobs.map(({ id }) => id),
      spec.list.ids,
    );
  });

  it("lists the files of all pages, if any are recorded, with the jobs that they were uploaded for", async () => {
    assert.equal(batch.files === undefined, spec.files === undefined, "a list of files is not recorded");
    const ids: string[] = [];
    let page = batch.files?.();
    for (const response of spec.files?.pages ?? []) {
      assert.ok(page !== undefined, "there is no request for a further page");
      const reading = page.read(response);
      assert.ok(reading.ok, "a page is not read");
      ids.push(...reading.files.filter(({ job }) => job === JOB.name).map(({ id }) => id));
      page = reading.next;
    }
    assert.equal(page, undefined, "a page after the last one is asked for");
    assert.deepEqual(ids, spec.files?.ids ?? []);
  });
}
