import { describe, expect, it, onTestFinished, vi } from "vitest";
import { json } from "../../fixtures/responses.ts";
import { providers, vllm, type Provider, type ProviderAnswer } from "../index.ts";

const WORDS = "insufficient balance";

/** Bodies of gateways and vendors that come with status 200 and have no answer. */
const FORMS: readonly (readonly [form: string, write: (message: string) => unknown])[] = [
  ["success: false", (message) => ({ success: false, message })],
  ["base_resp", (message) => ({ base_resp: { status_code: 1008, status_msg: message } })],
  ["error_code and error_msg", (error_msg) => ({ error_code: 9999, error_msg })],
  ["a detail", (detail) => ({ detail })],
  ["a list of errors", (message) => ({ errors: [{ message }] })],
  ["an error in a list", (message) => [{ error: { message } }]],
  ["an error wrapped once more", (message) => ({ data: { error: { message } } })],
  ["JSON in a message", (message) => ({ error: { message: JSON.stringify({ error: { message } }) } })],
];

function each(read: (provider: Provider) => void): void {
  vi.stubEnv("GOOGLE_CLOUD_PROJECT", "project");
  onTestFinished(() => void vi.unstubAllEnvs());
  for (const entry of providers.filter(({ isInProcess }) => isInProcess !== true))
    read(entry.create({ model: "m", apiKey: "k", baseUrl: "https://own.example" }));
}

function refusal(provider: Provider, body: unknown): Extract<ProviderAnswer, { ok: false }> {
  const answer = provider.readResponse(json(200, body), new Set());
  if (answer.ok) throw new Error(`${provider.name} takes it for an answer`);
  return answer;
}

describe("a successful response without an answer, with every provider", () => {
  it.each(FORMS)(
    "a successful response without an answer stops the run where it says that there is no credit, in the form of %s",
    (_form, write) => {
      each((provider) => {
        const { rejection, status } = refusal(provider, write(WORDS));
        expect([provider.name, rejection.code, status]).toEqual([provider.name, "NO_CREDIT", 402]);
        expect(rejection.message).toContain(WORDS);
      });
    },
  );

  it.each(FORMS)(
    "a successful response without an answer is asked for again where nobody knows what it means, in the form of %s",
    (_form, write) => {
      each((provider) => {
        const { rejection, status } = refusal(provider, write("the moon is full"));
        expect([provider.name, rejection.verdict, status]).toEqual([provider.name, "retry", 500]);
        expect(rejection.message).toContain("the moon is full");
      });
    },
  );

  it.each<[what: string, body: unknown]>([
    ["no choices", { choices: [] }],
    ["an empty choice", { choices: [{}] }],
    ["a choice without a message", { choices: [{ index: 0, message: null, finish_reason: "stop" }] }],
  ])(
    "a successful response is asked for again where it has %s and no usage, as from a gateway that lost the answer",
    (_what, body) => {
      const answer = vllm({ model: "m" }).readResponse(json(200, body), new Set());
      expect(answer).toMatchObject({ ok: false, rejection: { verdict: "retry", code: "BAD_RESPONSE" } });
    },
  );

  it("a successful response without a text is an empty answer where it was paid for, or says why it is empty", () => {
    const usage = { prompt_tokens: 5, completion_tokens: 0 };
    for (const body of [
      { choices: [], usage },
      { choices: [{ index: 0, finish_reason: "content_filter" }] },
      { choices: [{ index: 0, message: { content: null }, finish_reason: "stop" }] },
    ])
      expect(vllm({ model: "m" }).readResponse(json(200, body), new Set())).toMatchObject({ ok: true });
  });

  it("a successful response without an answer tells no status where its body says nothing, as an answer may be lost", () => {
    each((provider) => {
      const { rejection, status } = refusal(provider, {});
      expect([provider.name, rejection.code, status]).toEqual([provider.name, "BAD_RESPONSE", undefined]);
    });
  });
});

it.each([
  [{ error: { message: "bad image", code: 400 } }, "HTTP 400: bad image"],
  [{ error: { message: "bad image", type: "400" } }, "HTTP 400: bad image"],
  [{ error: { message: "400 Bad Request: bad image" } }, "HTTP 400: Bad Request: bad image"],
  [{ error: { message: "HTTP 400: bad image", code: "invalid" } }, "HTTP 400 invalid: bad image"],
  [{ error: { message: "4000 tokens are too many" } }, "HTTP 400: 4000 tokens are too many"],
])("the message of a refusal says the status once, whatever of the error repeats it: %j", (body, message) => {
  const provider = vllm({ model: "m", apiKey: "k", baseUrl: "https://own.example" });
  const answer = provider.readResponse(json(400, body), new Set());
  expect(answer).toMatchObject({ ok: false, rejection: { message } });
});
