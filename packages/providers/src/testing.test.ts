import { describe, expect, it } from "vitest";
import { json, nested } from "../fixtures/responses.ts";
import { openaiBatchSpec } from "../fixtures/batches.ts";
import {
  openaiCompatible,
  type BatchDialect,
  type BatchJob,
  type Provider,
  type ProviderRequest,
} from "./index.ts";
import { testProvider, type ProviderSpec } from "./testing.ts";

const right = (apiKey: string): Provider =>
  openaiCompatible({ name: "own", model: "m", apiKey, baseUrl: "https://llm.example/v1" });
const ANSWER = {
  choices: [{ message: { content: "Hi" } }],
  usage: { prompt_tokens: 3, completion_tokens: 1 },
};
const SPEC: Omit<ProviderSpec, "provider"> = {
  answer: { response: json(200, ANSWER), texts: ["Hi"], inputTokens: 3, outputTokens: 1 },
  batch: openaiBatchSpec(ANSWER, "Hi"),
  errors: [
    { name: "bad key", response: nested(401, "no"), verdict: "stop", code: "AUTHENTICATION" },
    { name: "server error", response: nested(500, "no"), verdict: "retry", code: "SERVER_ERROR" },
  ],
};

/** The failures of the suite's tests for an adapter. */
async function failuresOf(provider: (apiKey: string) => Provider): Promise<string[]> {
  const tests: (() => Promise<void>)[] = [];
  testProvider((_, run) => tests.push(run), { ...SPEC, provider });
  const outcomes = await Promise.allSettled(tests.map((run) => run()));
  return outcomes.flatMap((each) => (each.status === "rejected" ? [String(each.reason)] : []));
}

/** An adapter whose requests are changed on their way out. */
const rewriting =
  (change: (request: ProviderRequest, apiKey: string) => Partial<ProviderRequest>) =>
  (apiKey: string): Provider => {
    const provider = right(apiKey);
    return {
      ...provider,
      buildRequest(call, amendments) {
        const request = provider.buildRequest(call, amendments);
        return { ...request, ...change(request, apiKey) };
      },
    };
  };
const inBody = (found: RegExp | string, replacement: string) =>
  rewriting(({ body }) => ({ body: body.replace(found, replacement) }));
/** An adapter with some parts replaced. */
const changing = (change: (provider: Provider, apiKey: string) => Partial<Provider>) => (apiKey: string) => {
  const provider = right(apiKey);
  return { ...provider, ...change(provider, apiKey) };
};
/** An adapter that judges every error in the same way. */
const rejecting = (message: string) =>
  changing((provider) => ({
    readResponse(response, amendments) {
      const answer = provider.readResponse(response, amendments);
      return answer.ok
        ? answer
        : { ok: false, rejection: { verdict: "retry", code: "SERVER_ERROR", message } };
    },
  }));

let count = 0;

const withoutBatches = (apiKey: string): Provider => {
  const { batch: _, ...provider } = right(apiKey);
  return provider;
};
/** An adapter whose batches have some parts replaced. */
const batching = (change: (batch: BatchDialect, apiKey: string) => Partial<BatchDialect>) =>
  changing(({ batch }, apiKey) => {
    if (batch === undefined) throw new Error("The adapter has no batches");
    return { batch: { ...batch, ...change(batch, apiKey) } };
  });
/** An adapter that reads another job than the server tells of. */
const misreading = (change: Partial<BatchJob>) =>
  batching((batch) => ({
    get: (id) => ({
      ...batch.get(id),
      read(response) {
        const reading = batch.get(id).read(response);
        return reading.ok ? { ok: true, job: { ...reading.job, ...change } } : reading;
      },
    }),
  }));

describe("testProvider", () => {
  it("testProvider accepts a correct adapter", async () => {
    expect(await failuresOf(right)).toEqual([]);
  });

  it.each<[string, (apiKey: string) => Provider]>([
    ["the key is in the request", rewriting(({ url }, key) => ({ url: `${url}?key=${key}` }))],
    ["a message is missing or changed", inBody("«terse»", "terse")],
    ["temperature is sent although nobody set it", inBody(/}$/, ',"temperature":0.7}')],
    ["the same call gives two requests", rewriting(({ url }) => ({ url: `${url}?id=${(count += 1)}` }))],
    ["neither the schema nor the instructions", inBody(/colour/g, "color")],
    ["n leaves the request as it was", inBody(',"n":3', "")],
    ["the image by url is not sent", inBody("images.example", "")],
    ["no PromptError", changing(({ capabilities }) => ({ capabilities: { ...capabilities, images: [] } }))],
    ["the cap 5 is not sent", rewriting(() => ({ maxOutputTokens: 5 }))],
    ["'retry' !== 'stop'", rejecting("no")],
    ["the rejection has no message", rejecting(" ")],
    [
      "redact takes it out",
      changing((_, key) => ({ readResponse: rejecting(`no, ${key}`)(key).readResponse })),
    ],
    [
      "inputTokens: 1",
      changing((provider) => ({
        readResponse(response, amendments) {
          const { body, ...rest } = response;
          const swapped = body.replace('prompt_tokens":3', 'prompt_tokens":1');
          return provider.readResponse({ ...rest, body: swapped }, amendments);
        },
      })),
    ],
    [
      'status 200 with the body ""',
      changing((provider) => ({
        readResponse(response, amendments) {
          JSON.parse(response.body);
          return provider.readResponse(response, amendments);
        },
      })),
    ],
    ["authorize gives the same for two keys", changing(() => ({ authorize: () => ({ "x-key": "none" }) }))],
    [
      "the charge of tokens is NaN",
      changing(() => ({ chargeUpFront: () => ({ requests: 1, tokens: NaN }) })),
    ],
    [
      "the key is not in the line",
      batching((batch) => ({ writeLine: (request) => batch.writeLine(request, "0") })),
    ],
    [
      "the body of the direct request is not in the line",
      batching((batch) => ({
        writeLine: (request, key) => batch.writeLine(request, key).replace("«terse»", "terse"),
      })),
    ],
    ["foundBy is wrong about the name", batching(() => ({ foundBy: "count" }))],
    ["an unknown state is taken for the end", misreading({ phase: "ended" })],
    ["https://llm.example/v1/files/../", misreading({ outputs: ["../models"] })],
    [
      "whether there is no job after status 200",
      batching((batch) => ({
        create(job, fileId) {
          const creation = batch.create(job, fileId);
          return {
            ...creation,
            read(response) {
              const created = creation.read(response);
              return created.ok ? created : { ...created, isCertain: true };
            },
          };
        },
      })),
    ],
    [
      "the key is sent to https://storage.example/x",
      batching((_, key) => ({ authorize: () => ({ authorization: `Bearer ${key}` }) })),
    ],
    ["there are recorded batches, but the provider has none", withoutBatches],
  ])("testProvider says what is wrong with an adapter: %s", async (message, provider) => {
    expect(await failuresOf(provider)).toContainEqual(expect.stringContaining(message));
  });
});
