import { describe, expect, it } from "vitest";
import { json, nested } from "../fixtures/responses.ts";
import { openaiCompatible, type Provider, type ProviderRequest } from "./index.ts";
import { testProvider, type ProviderSpec } from "./testing.ts";

const right = (apiKey: string): Provider =>
  openaiCompatible({ name: "own", model: "m", apiKey, baseUrl: "https://llm.example/v1" });
const ANSWER = {
  choices: [{ message: { content: "Hi" } }],
  usage: { prompt_tokens: 3, completion_tokens: 1 },
};
const SPEC: Omit<ProviderSpec, "provider"> = {
  answer: { response: json(200, ANSWER), texts: ["Hi"], inputTokens: 3, outputTokens: 1 },
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
  ])("testProvider says what is wrong with an adapter: %s", async (message, provider) => {
    expect(await failuresOf(provider)).toContainEqual(expect.stringContaining(message));
  });
});
