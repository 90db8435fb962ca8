import assert from "node:assert/strict";
import type { FinishReason, ImagePart } from "@parallel-parrot/core";
import type { RegisterTest } from "@parallel-parrot/core/testing";
import type { LimitReading } from "@parallel-parrot/limiter";
import type {
  Amendment,
  Call,
  Provider,
  ProviderAnswer,
  ProviderRequest,
  ProviderResponse,
  Rejection,
} from "./provider.ts";
import { isPromptError } from "./prompt-error.ts";

/** A recorded answer and what the adapter must make of it. */
export interface AnswerFixture {
  readonly response: ProviderResponse;
  /** Text of each choice. */
  readonly texts: readonly string[];
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedInputTokens?: number;
  readonly reasoningTokens?: number;
  /** Of each choice. */
  readonly finishReasons?: readonly FinishReason[];
  /** What its headers or body tell of the limits. */
  readonly limits?: readonly LimitReading[];
}

/** A recorded error and what the adapter must make of it. */
export interface ErrorFixture {
  readonly name: string;
  readonly response: ProviderResponse;
  readonly verdict: Rejection["verdict"];
  readonly code: Rejection["code"];
  readonly retryAfterMs?: number;
}

/** What {@linkcode testProvider} needs to know of an adapter. */
export interface ProviderSpec {
  /** Makes the provider with `secret` as its key. */
  readonly provider: (secret: string) => Provider;
  readonly answer: AnswerFixture;
  /** At least a bad key, an unknown model, a throttle, a server error and a bad request. */
  readonly errors: readonly ErrorFixture[];
}

const SECRET = "canary-9f8e7d6c5b4a-key";
/** One transparent pixel. */
const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";
const NONE: ReadonlySet<Amendment> = new Set();

const CALL: Call = {
  prompt: {
    messages: [
      { role: "system", content: "You are «terse» one" },
      { role: "user", content: "First «question»" },
      { role: "assistant", content: "First «answer»" },
      { role: "user", content: 'Second "question"\nwith a line' },
    ],
  },
  params: {},
  shape: { type: "text" },
  n: 1,
};

const SCHEMA = {
  type: "object",
  properties: { colour: { type: "string", pattern: "^[a-z]+$" }, shade: { type: "string" } },
  required: ["colour"],
  additionalProperties: false,
};

const JSON_CALL: Call = {
  ...CALL,
  shape: {
    type: "json",
    name: "paint",
    schema: SCHEMA,
    instructions: "Answer with JSON: an object with colour.",
  },
};

/**
 * Registers the conformance tests that every adapter passes: requests are pure, complete and free of secrets,
 * nothing the user did not set is sent, answers and errors are read by one vocabulary, amendments end, and no
 * response whatever makes it throw.
 */
export function testProvider(it: RegisterTest, spec: ProviderSpec): void {
  testRequests(it, spec);
  testResponses(it, spec);
  testSecrets(it, spec);
}

function testRequests(it: RegisterTest, spec: ProviderSpec): void {
  const provider = spec.provider(SECRET);
  const build = (call: Call): ProviderRequest => provider.buildRequest(call, NONE);

  it("builds the same bytes from the same call, below its base URL", async () => {
    const request = build(CALL);
    assert.deepEqual(build(CALL), request);
    assert.ok(request.url.startsWith(new URL(provider.baseUrl).origin), request.url);
    assert.doesNotThrow(() => void JSON.parse(request.body));
  });

  it("sends every message, in order and unchanged", async () => {
    const strings = stringsIn(JSON.parse(build(CALL).body));
    const found = CALL.prompt.messages.map(({ content }) => strings.indexOf(content));
    assert.ok(!found.includes(-1), "a message is missing or changed");
    // A system message may stand in a field of its own; the turns keep their order.
    const turns = found.slice(1);
    assert.deepEqual(
      turns,
      turns.toSorted((a, b) => a - b),
    );
  });

  it("sends a sampling parameter only when it is set", async () => {
    const values = {
      temperature: 0.125,
      topP: 0.375,
      maxTokens: 7919,
      seed: 104_729,
      stop: ["«stop»"],
    };
    const without = build(CALL).body;
    for (const [name, value] of Object.entries(values)) {
      const literal = JSON.stringify(value);
      const sent = build({ ...CALL, params: { [name]: value } }).body;
      assert.ok(!without.includes(literal), `${name} is sent although nobody set it`);
      // Not every API has every parameter; one it lacks must leave the request as it was.
      assert.ok(sent.includes(literal) || sent === without, `${name} changes the request but is not in it`);
    }
  });

  it("tells no cap on the answer that the request does not carry", async () => {
    const call = { ...CALL, params: { maxTokens: 7919 } };
    const amendments = spec.errors.flatMap(({ response }) => {
      const answer = provider.readResponse(response, NONE);
      return !answer.ok && answer.rejection.verdict === "amend" ? [answer.rejection.amendment] : [];
    });
    const amended = amendments.map((amendment) => provider.buildRequest(call, new Set([amendment])));
    for (const { body, maxOutputTokens } of [build(CALL), build(call), ...amended]) {
      if (maxOutputTokens === undefined) continue;
      assert.ok(body.includes(JSON.stringify(maxOutputTokens)), `the cap ${maxOutputTokens} is not sent`);
    }
  });

  it("tells the wanted shape by schema or in words", async () => {
    const { body } = build(JSON_CALL);
    assert.notEqual(body, build(CALL).body);
    assert.ok(body.includes("colour"), "neither the schema nor the instructions are in the request");
  });

  it("sends images in the ways it says it takes, and says no to others before it sends", async () => {
    const [last] = CALL.prompt.messages.slice(-1);
    assert.ok(last !== undefined);
    const withImage = (image: ImagePart): Call => ({
      ...CALL,
      prompt: { messages: [...CALL.prompt.messages.slice(0, -1), { ...last, images: [image] }] },
    });
    const images = {
      url: { url: "https://images.example/one.png" },
      data: { mediaType: "image/png", data: PNG },
    };
    for (const [source, needle] of [
      ["url", images.url.url],
      ["data", PNG],
    ] as const) {
      const call = withImage(images[source]);
      if (provider.capabilities.images.includes(source)) {
        const strings = stringsIn(JSON.parse(build(call).body));
        assert.ok(
          strings.some((text) => text.includes(needle)),
          `the image by ${source} is not sent`,
        );
        assert.ok(strings.includes(last.content), "the text beside an image is missing or changed");
      } else {
        assert.throws(() => build(call), isPromptError);
      }
    }
    const messages = [...CALL.prompt.messages.slice(0, -1), { ...last, images: [] }];
    assert.equal(build({ ...CALL, prompt: { messages } }).body, build(CALL).body);
  });

  it("takes a reasoning effort or leaves the request as it was", async () => {
    for (const reasoningEffort of ["none", "minimal", "low", "medium", "high", "xhigh", "max"] as const) {
      assert.doesNotThrow(
        () => void JSON.parse(build({ ...CALL, params: { reasoningEffort } }).body),
        reasoningEffort,
      );
    }
  });

  it("asks for several choices where it says that it can", async () => {
    if (!provider.capabilities.nativeN) return;
    assert.notEqual(build({ ...CALL, n: 3 }).body, build(CALL).body);
  });

  it("charges for a request before and after", async () => {
    const estimate = { inputTokens: 100, expectedOutputTokens: 50 };
    const before = provider.chargeUpFront(estimate);
    const after = provider.chargeAfter(estimate, { inputTokens: 90, outputTokens: 20, cachedInputTokens: 0 });
    assert.equal(before.requests, 1);
    for (const amount of [...Object.values(before), ...Object.values(after)]) assert.ok(amount >= 0);
    const capped = provider.chargeUpFront({ ...estimate, maxTokens: 10_000 });
    assert.ok(Object.values(capped).every((amount) => Number.isFinite(amount)));
  });
}

function testResponses(it: RegisterTest, spec: ProviderSpec): void {
  const provider = spec.provider(SECRET);

  it("reads the recorded answer", async () => {
    const { response, texts, inputTokens, outputTokens } = spec.answer;
    const answer = provider.readResponse(response, NONE);
    assert.ok(answer.ok, "the answer was rejected");
    const { completion } = answer;
    assert.deepEqual(
      completion.choices.map(({ text }) => text),
      texts,
    );
    assert.equal(completion.usage.requests, 1);
    assert.equal(completion.usage.inputTokens, inputTokens);
    assert.equal(completion.usage.outputTokens, outputTokens);
    const { cachedInputTokens, reasoningTokens, finishReasons, limits } = spec.answer;
    if (cachedInputTokens !== undefined) assert.equal(completion.usage.cachedInputTokens, cachedInputTokens);
    if (reasoningTokens !== undefined) assert.equal(completion.usage.reasoningTokens, reasoningTokens);
    const reasons = completion.choices.map(({ finishReason }) => finishReason);
    if (finishReasons !== undefined) assert.deepEqual(reasons, finishReasons);
    if (limits !== undefined) assert.deepEqual(provider.readLimits(response), limits);
  });

  it("reads the recorded answer from status and body alone", async () => {
    const { response } = spec.answer;
    assert.deepEqual(
      provider.readResponse({ ...response, headers: {} }, NONE),
      provider.readResponse(response, NONE),
    );
  });

  it("reads limits only from where it says that they are told", async () => {
    const { limits } = provider.capabilities;
    const responses = [spec.answer, ...spec.errors].map(({ response }) => response);
    const told = responses.filter((response) => {
      const silent = limits === "headers" ? { ...response, headers: {} } : withOpenaiLimits(response);
      return provider.readLimits(silent).length > 0;
    });
    if (limits !== "body") assert.deepEqual(told, [], "limits are read although none should be told");
    assert.ok(told.every(({ status }) => status >= 400));
  });

  for (const { name, response, verdict, code, retryAfterMs } of spec.errors) {
    it(`gives the verdict ${verdict} (${code}) on: ${name}`, async () => {
      const answer = provider.readResponse(response, NONE);
      assert.ok(!answer.ok, "the error was read as an answer");
      assert.equal(answer.rejection.verdict, verdict);
      assert.equal(answer.rejection.code, code);
      if (retryAfterMs !== undefined) assert.equal(answer.rejection.retryAfterMs, retryAfterMs);
    });
  }

  it("comes to an end of amendments, each of which changes the request", async () => {
    for (const { response } of spec.errors.filter(({ verdict }) => verdict === "amend")) {
      const call: Call = {
        ...JSON_CALL,
        n: 2,
        params: { temperature: 1, topP: 1, maxTokens: 9, seed: 1, stop: ["x"], reasoningEffort: "low" },
      };
      const amendments = new Set<Amendment>();
      for (let step = 0; ; step++) {
        assert.ok(step < 10, "amendments do not end");
        const answer = provider.readResponse(response, amendments);
        if (answer.ok || answer.rejection.verdict !== "amend") break;
        const before = provider.buildRequest(call, amendments).body;
        amendments.add(answer.rejection.amendment);
        assert.notEqual(provider.buildRequest(call, amendments).body, before, answer.rejection.amendment);
      }
    }
  });

  it("never throws, whatever comes back", async () => {
    const bodies = [
      "",
      "null",
      "[]",
      "0",
      '"x"',
      "{}",
      "<html></html>",
      '{"error":null}',
      '{"error":[]}',
      '{"error":"x"}',
      '{"choices":[null]}',
      '{"choices":{}}',
      spec.answer.response.body.slice(0, -9),
    ];
    for (const status of [
      200, 204, 301, 400, 401, 402, 403, 404, 408, 409, 413, 422, 429, 500, 502, 503, 529, 599,
    ]) {
      for (const body of bodies) {
        const response: ProviderResponse = { status, headers: { "retry-after": "soon" }, body };
        const answer: ProviderAnswer = provider.readResponse(response, NONE);
        assert.equal(typeof answer.ok, "boolean");
        provider.readLimits(response);
      }
    }
  });
}

function testSecrets(it: RegisterTest, spec: ProviderSpec): void {
  const provider = spec.provider(SECRET);

  it("keeps the key out of everything but the credentials", async () => {
    const request = provider.buildRequest(JSON_CALL, NONE);
    assert.ok(!JSON.stringify([request, provider]).includes(SECRET));
    const credentials = await provider.authorize(request);
    assert.notDeepEqual(credentials, await spec.provider(`${SECRET}-2`).authorize(request));
  });

  it("takes the key out of a message that echoes it", async () => {
    for (const { response } of spec.errors) {
      const body = response.body.replace(/"message":\s*"/, `$&Incorrect API key provided: ${SECRET}. `);
      const answer = provider.readResponse({ ...response, body }, NONE);
      assert.ok(!answer.ok && !answer.rejection.message.includes(SECRET));
    }
  });
}

/** With the headers that most servers tell limits by. */
function withOpenaiLimits(response: ProviderResponse): ProviderResponse {
  const limits = { "x-ratelimit-limit-requests": "60", "x-ratelimit-remaining-requests": "59" };
  return { ...response, headers: { ...response.headers, ...limits } };
}

/** All strings in a JSON value, in order. */
function stringsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(stringsIn);
}
