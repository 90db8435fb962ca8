import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { bedrock, type BedrockOptions } from "./provider.ts";
import type { Call, ProviderResponse } from "../provider.ts";
import { testProvider } from "../testing.ts";

const ANSWER = {
  metrics: { latencyMs: 551 },
  output: {
    message: {
      role: "assistant",
      content: [
        { reasoningContent: { reasoningText: { text: "They greet me.", signature: "Eo8B" } } },
        { text: "Hello" },
        { text: " there" },
      ],
    },
  },
  stopReason: "end_turn",
  usage: {
    inputTokens: 100,
    outputTokens: 90,
    totalTokens: 1390,
    cacheReadInputTokens: 1000,
    cacheWriteInputTokens: 200,
  },
};

function error(status: number, type: string, message: string): ProviderResponse {
  const headers = { "x-amzn-errortype": `${type}:http://internal.amazon.com/coral/com.amazon.bedrock/` };
  return { status, headers, body: JSON.stringify({ message }) };
}

const invalid = (message: string): ProviderResponse => error(400, "ValidationException", message);

const ERRORS = [
  {
    name: "bad credentials",
    response: error(
      403,
      "UnrecognizedClientException",
      "The security token included in the request is invalid.",
    ),
    verdict: "stop",
    code: "AUTHENTICATION",
  },
  {
    name: "credentials that have run out",
    response: error(403, "ExpiredTokenException", "The security token included in the request is expired"),
    verdict: "stop",
    code: "AUTHENTICATION",
  },
  {
    name: "bad API key",
    response: error(
      403,
      "AccessDeniedException",
      "Authentication failed: Please make sure your API Key is valid.",
    ),
    verdict: "stop",
    code: "AUTHENTICATION",
  },
  {
    name: "no access to the model",
    response: error(
      403,
      "AccessDeniedException",
      "You don't have access to the model with the specified model ID.",
    ),
    verdict: "stop",
    code: "PERMISSION",
  },
  {
    name: "unknown model",
    response: invalid("The provided model identifier is invalid."),
    verdict: "stop",
    code: "MODEL_NOT_FOUND",
  },
  {
    name: "model that needs an inference profile",
    response: invalid(
      "Invocation of model ID anthropic.claude with on-demand throughput isn’t supported. Retry your request with the ID or ARN of an inference profile that contains this model.",
    ),
    verdict: "stop",
    code: "MODEL_NOT_FOUND",
  },
  {
    name: "model at the end of its life",
    response: error(404, "ResourceNotFoundException", "This model version has reached the end of its life."),
    verdict: "stop",
    code: "MODEL_NOT_FOUND",
  },
  {
    name: "wrong URL",
    response: {
      status: 404,
      headers: {},
      body: '{"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"}',
    },
    verdict: "stop",
    code: "NOT_THE_API",
  },
  {
    name: "quota of the account",
    response: error(400, "ServiceQuotaExceededException", "Your request exceeds the service quota."),
    verdict: "stop",
    code: "NO_CREDIT",
  },
  {
    name: "throttle",
    response: error(429, "ThrottlingException", "Too many tokens, please wait before trying again."),
    verdict: "wait",
    code: "RATE_LIMITED",
  },
  {
    name: "throttle of a day",
    response: error(429, "ThrottlingException", "Too many tokens per day, please wait before trying again."),
    verdict: "stop",
    code: "WAIT_TOO_LONG",
  },
  {
    name: "model that is being loaded",
    response: error(429, "ModelNotReadyException", "Model is not ready for inference."),
    verdict: "wait",
    code: "RATE_LIMITED",
  },
  {
    name: "server error",
    response: error(500, "InternalServerException", "The system encountered an unexpected error."),
    verdict: "retry",
    code: "SERVER_ERROR",
  },
  {
    name: "unavailable",
    response: error(503, "ServiceUnavailableException", "Bedrock is unable to process your request."),
    verdict: "retry",
    code: "SERVER_ERROR",
  },
  {
    name: "timeout of the model",
    response: error(408, "ModelTimeoutException", "Model has timed out in processing the request."),
    verdict: "retry",
    code: "SERVER_ERROR",
  },
  {
    name: "error of the model",
    response: error(424, "ModelErrorException", "The model had an error."),
    verdict: "retry",
    code: "SERVER_ERROR",
  },
  {
    name: "200 that is a page",
    response: { status: 200, headers: { "content-type": "text/html" }, body: "<html>Welcome</html>" },
    verdict: "retry",
    code: "BAD_RESPONSE",
  },
  {
    name: "bad request",
    response: invalid("The text field in the ContentBlock object at messages.0.content.0 is blank."),
    verdict: "fail",
    code: "BAD_REQUEST",
  },
  {
    name: "context too long",
    response: invalid("Input is too long for requested model."),
    verdict: "fail",
    code: "CONTEXT_TOO_LONG",
  },
  {
    name: "structured output refused by the model",
    response: invalid(
      "The model returned the following errors: output_config.format: Extra inputs are not permitted",
    ),
    verdict: "amend",
    code: "BAD_REQUEST",
  },
  {
    name: "structured output refused by the API",
    response: invalid(
      "Malformed input request: #: extraneous key [outputConfig] is not permitted, please reformat your input and try again.",
    ),
    verdict: "amend",
    code: "BAD_REQUEST",
  },
  {
    name: "system message refused",
    response: invalid(
      "This model doesn't support system messages. Try again without system messages or use a model that supports system messages.",
    ),
    verdict: "amend",
    code: "BAD_REQUEST",
  },
  {
    name: "sampling refused",
    response: invalid("The model returned the following errors: `temperature` is deprecated for this model."),
    verdict: "amend",
    code: "BAD_REQUEST",
  },
  {
    name: "stop refused",
    response: invalid(
      "This model doesn't support the stopSequences field. Remove stopSequences and try again.",
    ),
    verdict: "amend",
    code: "BAD_REQUEST",
  },
] as const;

const CALL: Call = {
  prompt: { messages: [{ role: "user", content: "Hi" }] },
  params: {},
  shape: { type: "text" },
  n: 1,
};
const SCHEMA = {
  type: "object",
  properties: { a: { type: "string" }, b: { type: "number", minimum: 0 } },
  required: ["a"],
};
const JSON_CALL: Call = {
  ...CALL,
  shape: { type: "json", name: "answer", instructions: "Answer with JSON.", schema: SCHEMA },
};
const CLAUDE = "us.anthropic.claude-haiku-4-5-20251001-v1:0";

describe("bedrock", () => {
  const answer = {
    response: { status: 200, headers: {}, body: JSON.stringify(ANSWER) },
    texts: ["Hello there"],
    inputTokens: 1300,
    outputTokens: 90,
  };
  describe("with an API key", () => {
    testProvider(it, {
      provider: (apiKey) => bedrock({ model: CLAUDE, apiKey, region: "us-east-1" }),
      answer,
      errors: ERRORS,
    });
  });
  describe("with AWS credentials", () => {
    testProvider(it, {
      provider: (secretAccessKey) => {
        const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey };
        return bedrock({ model: CLAUDE, region: "us-east-1", credentials });
      },
      answer,
      errors: ERRORS,
    });
  });

  const aws = (options: Partial<BedrockOptions> = {}) =>
    bedrock({ model: CLAUDE, apiKey: "test-key", region: "us-east-1", ...options });
  const bodyOf = (call: Call, ...amendments: string[]): unknown =>
    JSON.parse(aws().buildRequest(call, new Set(amendments)).body);
  const read = (body: unknown) =>
    aws().readResponse({ status: 200, headers: {}, body: JSON.stringify(body) }, new Set());

  beforeEach(() => {
    for (const name of ["BEARER_TOKEN_BEDROCK", "ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN"])
      vi.stubEnv(`AWS_${name}`, "");
    for (const name of ["REGION", "DEFAULT_REGION", "ENDPOINT_URL", "ENDPOINT_URL_BEDROCK_RUNTIME"])
      vi.stubEnv(`AWS_${name}`, "");
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.useRealTimers();
  });

  it("the provider sends Bedrock only the required fields when no parameter is set, with the model encoded in the path", () => {
    const request = aws().buildRequest(CALL, new Set());
    expect(request.url).toBe(
      "https://bedrock-runtime.us-east-1.amazonaws.com/model/us.anthropic.claude-haiku-4-5-20251001-v1%3A0/converse",
    );
    expect(JSON.parse(request.body)).toEqual({ messages: [{ role: "user", content: [{ text: "Hi" }] }] });
  });

  it("the provider sends Bedrock every parameter that is set, under its own name", () => {
    const params = { temperature: 0, topP: 0.5, maxTokens: 9, stop: ["x"], seed: 1 };
    expect(bodyOf({ ...CALL, params })).toMatchObject({
      inferenceConfig: { temperature: 0, topP: 0.5, maxTokens: 9, stopSequences: ["x"] },
    });
    expect(aws().buildRequest({ ...CALL, params }, new Set()).maxOutputTokens).toBe(9);
  });

  it("the provider sends Bedrock system messages in their own field and merges turns so that roles alternate", () => {
    const messages = [
      { role: "system", content: "Be brief" },
      { role: "user", content: "1+1" },
      { role: "assistant", content: "2" },
      { role: "user", content: "2+2" },
      { role: "user", content: "Answer again" },
    ] as const;
    const turns = [
      { role: "assistant", content: [{ text: "2" }] },
      { role: "user", content: [{ text: "2+2" }, { text: "Answer again" }] },
    ];
    const call = { ...CALL, prompt: { messages } };
    expect(bodyOf(call)).toEqual({
      system: [{ text: "Be brief" }],
      messages: [{ role: "user", content: [{ text: "1+1" }] }, ...turns],
    });
    expect(bodyOf(call, "system:user")).toEqual({
      messages: [{ role: "user", content: [{ text: "Be brief\n\n1+1" }] }, ...turns],
    });
  });

  it("the provider sends Bedrock images by their bytes", () => {
    const images = [{ mediaType: "image/jpg", data: "AAAA" }];
    const messages = [{ role: "user" as const, content: "What is it?", images }];
    expect(bodyOf({ ...CALL, prompt: { messages } })).toMatchObject({
      messages: [
        {
          content: [{ text: "What is it?" }, { image: { format: "jpeg", source: { bytes: "AAAA" } } }],
        },
      ],
    });
  });

  it("the provider asks Bedrock for JSON by structured output, then by a forced tool, then by words", () => {
    const schema = JSON.stringify({
      type: "object",
      properties: { a: { type: "string" }, b: { type: "number", description: "(minimum: 0)" } },
      required: ["a"],
      additionalProperties: false,
    });
    expect(bodyOf(JSON_CALL)).toMatchObject({
      outputConfig: {
        textFormat: { type: "json_schema", structure: { jsonSchema: { name: "answer", schema } } },
      },
    });
    const byTool = bodyOf(JSON_CALL, "json:tool");
    expect(byTool).toMatchObject({
      toolConfig: {
        tools: [{ toolSpec: { name: "answer", inputSchema: { json: SCHEMA } } }],
        toolChoice: { tool: { name: "answer" } },
      },
    });
    expect(byTool).not.toHaveProperty("outputConfig");
    expect(bodyOf(JSON_CALL, "json:tool", "json:instructions")).toEqual({
      system: [{ text: "Answer with JSON." }],
      messages: [{ role: "user", content: [{ text: "Hi" }] }],
    });
  });

  it.each([
    ["output_config.format: Extra inputs are not permitted", [], "json:tool"],
    ["output_config.format: Extra inputs are not permitted", ["json:tool"], "json:instructions"],
    ["output_config.effort: Extra inputs are not permitted", [], "omit:reasoning_effort"],
    [
      "This model doesn't support the toolConfig.toolChoice.tool field. Remove toolConfig.toolChoice.tool and try again.",
      ["json:tool"],
      "json:instructions",
    ],
    [
      "The maximum tokens you requested exceeds the model limit of 8192. Try again with a maximum tokens value that is lower than 8192.",
      [],
      "max_tokens:8192",
    ],
    ["This model doesn't support the topP field. Remove topP and try again.", [], "omit:top_p"],
    ["This model doesn't support the topP field. Remove topP and try again.", ["omit:top_p"], undefined],
  ])(
    "the provider answers Bedrock's refusal %j after the amendments %j by the amendment %s",
    (message, amendments, expected) => {
      const answer = aws().readResponse(invalid(message), new Set(amendments));
      expect(!answer.ok && answer.rejection).toMatchObject(
        expected === undefined ? { verdict: "fail" } : { verdict: "amend", amendment: expected },
      );
    },
  );

  it("the provider lowers Bedrock's limit of tokens to the one that a model allows, besides an effort and a format", () => {
    const call = { ...JSON_CALL, params: { maxTokens: 9000, reasoningEffort: "minimal" as const } };
    expect(bodyOf(call, "max_tokens:8192")).toMatchObject({
      inferenceConfig: { maxTokens: 8192 },
      outputConfig: { effort: "low", textFormat: { type: "json_schema" } },
    });
  });

  it("the provider reads Bedrock's usage, and names the model that was asked", () => {
    expect(read(ANSWER)).toMatchObject({
      completion: {
        model: CLAUDE,
        usage: { inputTokens: 1300, cachedInputTokens: 1000, cacheWriteTokens: 200, outputTokens: 90 },
      },
    });
  });

  it.each([
    ["end_turn", "stop"],
    ["stop_sequence", "stop"],
    ["max_tokens", "length"],
    ["model_context_window_exceeded", "length"],
    ["content_filtered", "content_filter"],
    ["guardrail_intervened", "content_filter"],
    ["malformed_model_output", "other"],
  ])("the provider reads Bedrock's stop reason %s as %s", (stopReason, finishReason) => {
    expect(read({ ...ANSWER, stopReason })).toMatchObject({ completion: { choices: [{ finishReason }] } });
  });

  it("the provider reads the arguments of the tool that Bedrock was forced to call", () => {
    const content = [{ toolUse: { toolUseId: "t1", name: "answer", input: { a: "x" } } }];
    expect(read({ output: { message: { content } }, stopReason: "tool_use" })).toMatchObject({
      completion: { choices: [{ text: '{"a":"x"}', finishReason: "stop" }] },
    });
  });

  it("the provider finds the name of Bedrock's error in the body if the headers are missing", () => {
    const body = '{"__type":"com.amazon.coral#ServiceQuotaExceededException","message":"Too much"}';
    expect(aws().readResponse({ status: 400, headers: {}, body }, new Set())).toMatchObject({
      rejection: { verdict: "stop", code: "NO_CREDIT" },
    });
  });

  it("the provider charges as Bedrock's quota does", () => {
    const estimate = { inputTokens: 100, expectedOutputTokens: 50 };
    const used = { inputTokens: 120, outputTokens: 20, cachedInputTokens: 100 };
    const tokensOf = (model: string, maxTokens?: number) => {
      const provider = aws({ model });
      const asked = maxTokens === undefined ? estimate : { ...estimate, maxTokens };
      return [provider.chargeUpFront(asked).tokens, provider.chargeAfter(asked, used).tokens];
    };
    expect(tokensOf(CLAUDE, 1000)).toEqual([1100, 120]);
    expect(tokensOf("anthropic.claude-3-haiku-20240307-v1:0", 1000)).toEqual([1100, 40]);
    // The price list has the model's maximum.
    expect(tokensOf("amazon.nova-lite-v1:0")).toEqual([10_100, 40]);
    expect(tokensOf("meta.unlisted")).toEqual([150, 40]);
  });

  it("the provider signs each attempt at Bedrock anew with AWS credentials of the environment", async () => {
    vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
    vi.stubEnv("AWS_SESSION_TOKEN", "session");
    vi.stubEnv("AWS_REGION", "eu-central-1");
    vi.useFakeTimers({ now: Date.UTC(2026, 10, 26, 11), toFake: ["Date"] });
    const provider = bedrock({ model: CLAUDE });
    const request = provider.buildRequest(CALL, new Set());
    const first = await provider.authorize(request);
    expect(first).toMatchObject({
      "x-amz-date": "20261126T110000Z",
      "x-amz-security-token": "session",
      authorization: expect.stringContaining(
        "Credential=AKIDEXAMPLE/20261126/eu-central-1/bedrock/aws4_request",
      ),
    });
    vi.setSystemTime(Date.UTC(2026, 10, 27, 11));
    expect(await provider.authorize(request)).toMatchObject({ "x-amz-date": "20261127T110000Z" });
    vi.stubEnv("AWS_BEARER_TOKEN_BEDROCK", "bearer-key");
    expect(await bedrock({ model: CLAUDE }).authorize(request)).toEqual({
      authorization: "Bearer bearer-key",
    });
  });

  it("the provider bedrock calls the function for AWS credentials at each attempt, and takes the secret out of messages", async () => {
    let number = 0;
    const credentials = async () => {
      number += 1;
      return { accessKeyId: `AKID${number}`, secretAccessKey: `canary-secret-${number}` };
    };
    const provider = bedrock({ model: CLAUDE, region: "us-east-1", credentials });
    const request = provider.buildRequest(CALL, new Set());
    for (const id of ["AKID1/", "AKID2/"])
      expect((await provider.authorize(request))["authorization"]).toContain(id);
    const answer = provider.readResponse(invalid("Bad canary-secret-2"), new Set());
    expect(JSON.stringify(answer)).not.toContain("canary-secret");
  });

  it("the provider says which region Bedrock lacks", () => {
    for (const region of [undefined, "no region"]) {
      vi.stubEnv("AWS_REGION", region);
      expect(() => bedrock({ model: CLAUDE, apiKey: "k" })).toThrow(
        expect.objectContaining({ code: "INVALID_OPTION", option: "region" }),
      );
    }
    const credentials = { accessKeyId: "a", secretAccessKey: "s" };
    vi.stubEnv("AWS_REGION", undefined);
    expect(() => bedrock({ model: CLAUDE, baseUrl: "http://127.0.0.1:9", credentials })).toThrow(
      /set the environment variable AWS_REGION \(that of a profile is not read\)/,
    );
  });

  it("the provider bedrock signs for the region of the host that is asked, whatever AWS_REGION says", async () => {
    vi.stubEnv("AWS_REGION", "us-east-1");
    const credentials = { accessKeyId: "a", secretAccessKey: "s" };
    const scopeOf = async (host: string): Promise<string> => {
      const provider = bedrock({ model: CLAUDE, baseUrl: `https://${host}`, credentials });
      return (await provider.authorize(provider.buildRequest(CALL, new Set())))["authorization"] ?? "";
    };
    expect(await scopeOf("bedrock-runtime.us-west-2.amazonaws.com")).toContain("/us-west-2/bedrock/");
    expect(await scopeOf("bedrock-runtime-fips.us-west-2.amazonaws.com")).toContain("/us-west-2/bedrock/");
    expect(await scopeOf("vpce-0a-b.bedrock-runtime.eu-west-1.vpce.amazonaws.com")).toContain("/eu-west-1/");
    expect(await scopeOf("gateway.example")).toContain("/us-east-1/bedrock/");
  });

  it("the provider has a price of Bedrock only in the region and tier of the price list", () => {
    const model = "amazon.nova-lite-v1:0";
    const global = "global.amazon.nova-2-lite-v1:0";
    const priced = [{ model }, { model: global, region: "eu-west-1" }];
    const unpriced = [
      { model, region: "eu-west-1" },
      { model, baseUrl: "https://proxy.example" },
      { model, extraBody: { serviceTier: { type: "priority" } } },
    ];
    expect(priced.map((options) => "price" in aws(options))).toEqual([true, true]);
    expect(unpriced.map((options) => "price" in aws(options))).toEqual([false, false, false]);
  });
});
