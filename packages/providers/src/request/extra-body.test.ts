import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { JSON_QUESTION, QUESTION } from "../../fixtures/responses.ts";
import {
  anthropic,
  bedrock,
  cohere,
  gemini,
  ollama,
  openai,
  openaiResponses,
  openrouter,
  type Call,
  type Provider,
} from "../index.ts";

type Extra = Readonly<Record<string, unknown>>;

const MAKERS = {
  openai: (extraBody: Extra) => openai({ model: "m", apiKey: "k", extraBody }),
  openrouter: (extraBody: Extra) => openrouter({ model: "m", apiKey: "k", extraBody }),
  responses: (extraBody: Extra) => openaiResponses({ model: "m", apiKey: "k", extraBody }),
  anthropic: (extraBody: Extra) => anthropic({ model: "m", apiKey: "k", extraBody }),
  gemini: (extraBody: Extra) => gemini({ model: "m", apiKey: "k", extraBody }),
  bedrock: (extraBody: Extra) => bedrock({ model: "m", apiKey: "k", region: "us-east-1", extraBody }),
  cohere: (extraBody: Extra) => cohere({ model: "m", apiKey: "k", extraBody }),
  ollama: (extraBody: Extra) => ollama({ model: "m", extraBody }),
} satisfies Record<string, (extraBody: Extra) => Provider>;

type Name = keyof typeof MAKERS;

function bodyOf(name: Name, extra: Extra, call: Partial<Call> = {}): unknown {
  return JSON.parse(MAKERS[name](extra).buildRequest({ ...QUESTION, ...call }, new Set()).body);
}

beforeEach(() => {
  for (const variable of ["OPENAI_BASE_URL", "ANTHROPIC_BASE_URL", "OLLAMA_HOST", "AWS_ENDPOINT_URL"])
    vi.stubEnv(variable, undefined);
});
afterEach(() => void vi.unstubAllEnvs());

describe("extra fields of a body", () => {
  it.each<[Name, string, Extra, string]>([
    ["openai", "model", { model: "other" }, "extraBody, model"],
    ["openai", "messages", { messages: [] }, "extraBody, prompt"],
    ["openai", "n", { n: 2 }, "extraBody, n"],
    ["openai", "stream", { stream: true }, "extraBody, stream"],
    ["openrouter", "response_format", { response_format: { type: "text" } }, "extraBody, output"],
    ["responses", "input", { input: "Hi" }, "extraBody, prompt"],
    ["responses", "text.format", { text: { format: { type: "text" } } }, "extraBody, output"],
    ["responses", "text.format", { text: "plain" }, "extraBody, output"],
    ["anthropic", "system", { system: "Be terse." }, "extraBody, prompt"],
    ["anthropic", "output_config.format", { output_config: { format: {} } }, "extraBody, output"],
    ["gemini", "contents", { contents: [] }, "extraBody, prompt"],
    [
      "gemini",
      "generationConfig.candidateCount",
      { generationConfig: { candidateCount: 2 } },
      "extraBody, n",
    ],
    ["bedrock", "outputConfig.textFormat", { outputConfig: { textFormat: {} } }, "extraBody, output"],
    ["cohere", "stream", { stream: true }, "extraBody, stream"],
    ["ollama", "format", { format: "json" }, "extraBody, output"],
  ])("extra fields of a body cannot have what another option sets: %s, %s", (name, path, extra, option) => {
    expect(() => MAKERS[name](extra)).toThrow(expect.objectContaining({ code: "INVALID_OPTION", option }));
    expect(() => MAKERS[name](extra)).toThrow(`the field ${path} `);
  });

  it.each<[Name, string, Extra, Call["params"]]>([
    ["openai", "temperature", { temperature: 0.5 }, { temperature: 0 }],
    ["openai", "max_tokens", { max_tokens: 9 }, { maxTokens: 5 }],
    ["openai", "max_completion_tokens", { max_completion_tokens: 9 }, { maxTokens: 5 }],
    ["openai", "safety_identifier", { safety_identifier: "a" }, { endUser: "b" }],
    ["openai", "logit_bias.7", { logit_bias: { "7": 1 } }, { logitBias: { "7": 2 } }],
    ["openrouter", "reasoning.effort", { reasoning: { effort: "low" } }, { reasoningEffort: "high" }],
    ["anthropic", "output_config.effort", { output_config: { effort: "low" } }, { reasoningEffort: "high" }],
    ["anthropic", "metadata.user_id", { metadata: { user_id: "a" } }, { endUser: "b" }],
    ["gemini", "generationConfig.topP", { generationConfig: { topP: 1 } }, { topP: 0.5 }],
    ["bedrock", "inferenceConfig.maxTokens", { inferenceConfig: { maxTokens: 5 } }, { maxTokens: 6 }],
    ["cohere", "p", { p: 0.5 }, { topP: 0.5 }],
    ["ollama", "options.num_predict", { options: { num_predict: 5 } }, { maxTokens: 6 }],
  ])(
    "extra fields of a body cannot have a parameter that is given as one: %s, %s",
    (name, path, extra, params) => {
      const [param = ""] = Object.keys(params);
      const error = expect.objectContaining({ code: "INVALID_OPTION", option: `extraBody, ${param}` });
      const provider = MAKERS[name](extra);
      const build = (call: Call) => () => provider.buildRequest(call, new Set());
      expect(build(QUESTION)).not.toThrow();
      expect(build({ ...QUESTION, params })).toThrow(error);
      expect(build({ ...QUESTION, params })).toThrow(`Cannot send ${path} to `);
      // It is refused each time, and not only once.
      expect(build({ ...QUESTION, params })).toThrow(error);
    },
  );

  it("extra fields of a body may set what is only usual, and what no option sets", () => {
    expect(bodyOf("responses", { store: true })).toMatchObject({ store: true });
    expect(bodyOf("ollama", { truncate: true })).toMatchObject({ truncate: true, shift: false });
    expect(bodyOf("anthropic", { max_tokens: 5, thinking: { type: "adaptive" } })).toMatchObject({
      max_tokens: 5,
      thinking: { type: "adaptive" },
    });
    expect(bodyOf("openai", { temperature: 0.5 })).toMatchObject({ temperature: 0.5 });
  });

  it("extra fields of a body are merged with objects of the adapter, so that neither loses a field", () => {
    const params = { reasoningEffort: "low", logitBias: { "7": 2 } } as const;
    expect(
      bodyOf("openrouter", { reasoning: { exclude: true }, logit_bias: { "8": 1 } }, { params }),
    ).toMatchObject({ reasoning: { effort: "low", exclude: true }, logit_bias: { "7": 2, "8": 1 } });
    expect(bodyOf("responses", { text: { verbosity: "low" } }, JSON_QUESTION)).toMatchObject({
      text: { verbosity: "low", format: { type: "json_schema" } },
    });
  });
});
