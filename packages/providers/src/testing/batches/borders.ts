import assert from "node:assert/strict";
import type { RegisterTest } from "@parallel-parrot/core/testing";
import type {
  BatchDialect,
  BatchJob,
  BatchOutput,
  BatchRequest,
  BatchStep,
} from "../../batch/batch-dialect.ts";
import type { Provider, ProviderResponse } from "../../provider.ts";
import { SECRET } from "../samples.ts";
import type { BatchSpec } from "../spec.ts";
import { JOB, upload } from "./samples.ts";

/** Ids that would lead elsewhere if they stood in a path as they are. */
const ODD_IDS = [
  "",
  ".",
  "..",
  "../files/x",
  "odd/b",
  "odd?b",
  "odd#b",
  "odd%2e",
  "https://evil.example/x",
  null,
  7,
];

/** Tests that requests go to the API alone, that the key is in none of them, and that nothing makes a reader throw. */
export function testBorders(
  it: RegisterTest,
  provider: Provider,
  batch: BatchDialect,
  spec: BatchSpec,
): void {
  const { origin } = new URL(provider.baseUrl);
  const jobs = spec.jobs.flatMap(({ response }) => {
    const reading = batch.get("job_1").read(response);
    return reading.ok ? [reading.job] : [];
  });

  it("has the key in no request of a batch, and in no message about one", async () => {
    const requests = [...requestsOf(batch, jobs), ...upload(batch, spec).requests];
    assert.ok(!JSON.stringify([batch, requests]).includes(SECRET), "the key is in a request");
    const response = {
      status: 401,
      headers: {},
      body: `{"error":{"message":"Incorrect API key: ${SECRET}"}}`,
    };
    for (const read of readersOf(batch, jobs))
      assert.ok(!JSON.stringify(read(response)).includes(SECRET), "the key is in a message");
  });

  it("sends the requests of a batch to the API's own server, and the key to no other one", async () => {
    for (const { url } of requestsOf(batch, jobs)) assert.equal(new URL(url).origin, origin, url);
    const request = batch.get("job_1").request;
    assert.ok(JSON.stringify(await batch.authorize(request)).includes(SECRET), "the key is not sent");
    for (const url of ["https://storage.example/x", `${origin}.evil.example/x`])
      assert.deepEqual(await batch.authorize({ ...request, url }), {}, `the key is sent to ${url}`);
  });

  it("puts nothing of a response into a path that would lead elsewhere", async () => {
    const changes = ODD_IDS.flatMap((odd) => [withJobId, withOtherIds].map((change) => ({ odd, change })));
    for (const { odd, change } of changes)
      for (const { response } of spec.jobs) {
        const reading = batch.get("job_1").read({ ...response, body: change(response.body, odd) });
        for (const { url } of reading.ok ? requestsOf(batch, [reading.job]) : []) {
          assert.equal(new URL(url).origin, origin, url);
          assert.ok(!/\.\.|evil|odd[/?]|#|%2e/i.test(url), url);
        }
      }
  });

  it("never throws over the response to a request of a batch", async () => {
    const bodies = [
      "",
      "null",
      "[]",
      "0",
      '"x"',
      "{}",
      "<html></html>",
      '{"data":7}',
      '{"data":[null,7,{}]}',
    ];
    for (const status of [200, 204, 302, 400, 401, 403, 404, 409, 413, 429, 500, 503])
      for (const body of [...bodies, spec.created.body.slice(0, -9)])
        for (const read of readersOf(batch, jobs))
          assert.doesNotThrow(() => read({ status, headers: {}, body }), `${status} ${body}`);
  });
}

function outputsOf(batch: BatchDialect, jobs: readonly BatchJob[]): readonly BatchOutput[] {
  return jobs.flatMap((job) => batch.results(job));
}

function cancelOf(batch: BatchDialect, id: string): readonly BatchStep<object>[] {
  return batch.cancel === undefined ? [] : [batch.cancel(id)];
}

function requestsOf(batch: BatchDialect, jobs: readonly BatchJob[]): readonly BatchRequest[] {
  const ofJobs = jobs.flatMap((job) => [
    batch.get(job.id),
    ...cancelOf(batch, job.id),
    ...batch.cleanUp(job),
  ]);
  const steps = [batch.create(JOB, "file_1"), batch.list(0), ...ofJobs, ...outputsOf(batch, jobs)];
  return steps.map(({ request }) => request);
}

function readersOf(
  batch: BatchDialect,
  jobs: readonly BatchJob[],
): readonly ((response: ProviderResponse) => unknown)[] {
  const upload = batch.upload === undefined ? [] : [batch.upload(JOB)];
  const steps = [batch.get("job_1"), ...cancelOf(batch, "job_1"), batch.list(0), ...outputsOf(batch, jobs)];
  return [...upload, ...steps, batch.create(JOB, "file_1")].map((step) => (response) => step.read(response));
}

/** The same JSON with another id of the job. */
function withJobId(body: string, id: unknown): string {
  return JSON.stringify({ ...JSON.parse(body), id, name: id });
}

/** The same JSON with another id wherever there is one of a file, or an address of results. */
function withOtherIds(body: string, id: unknown): string {
  return JSON.stringify(JSON.parse(body), (name, value: unknown) => {
    const isId = /(?:_(?:id|file|files|url)|File)$/.test(name);
    return isId ? (Array.isArray(value) ? [id] : id) : value;
  });
}
