import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { QUESTION } from "../../fixtures/responses.ts";
import { providers } from "../registry.ts";
import { anthropic, azureOpenAI, llamaCpp, openai, openaiCompatible, vertex, vllm } from "../index.ts";
import { readBaseUrl } from "./base-url.ts";

const VARIABLES = [
  "AZURE_OPENAI_ENDPOINT",
  "AZURE_OPENAI_API_VERSION",
  "OPENAI_API_VERSION",
  "AZURE_RESOURCE_NAME",
  "LLAMA_ARG_PORT",
  "GOOGLE_CLOUD_PROJECT",
];

beforeEach(() => {
  for (const name of VARIABLES) vi.stubEnv(name, undefined);
  vi.stubEnv("GOOGLE_CLOUD_PROJECT", "p");
  vi.stubEnv("AWS_REGION", "us-east-1");
});
afterEach(() => void vi.unstubAllEnvs());

/** The URL that a provider asks when it is given this base URL. */
function askedUrl(name: string, baseUrl: string, model = "m"): string {
  const provider = providers.find((entry) => entry.name === name)?.create({ model, baseUrl, apiKey: "k" });
  return provider?.buildRequest(QUESTION, new Set()).url ?? "";
}

describe("a base URL as people paste it", () => {
  it.each([
    ["openai", "https://api.openai.com/v1/chat/completions", "https://api.openai.com/v1/chat/completions"],
    ["openai", "https://api.openai.com/v1/chat/completions/", "https://api.openai.com/v1/chat/completions"],
    ["openai", "https://api.openai.com/v1/completions", "https://api.openai.com/v1/chat/completions"],
    ["openai", '"http://localhost:8000/v1"', "http://localhost:8000/v1/chat/completions"],
    ["openai", " http://localhost:8000/v1\n", "http://localhost:8000/v1/chat/completions"],
    ["openai", "localhost:8000/v1", "http://localhost:8000/v1/chat/completions"],
    ["openai", "192.168.1.7:8000/v1", "http://192.168.1.7:8000/v1/chat/completions"],
    ["openai", "[::1]:8000/v1", "http://[::1]:8000/v1/chat/completions"],
    ["openai", "gpu.lan/v1", "http://gpu.lan/v1/chat/completions"],
    ["openai", "llm.example.com/v1", "https://llm.example.com/v1/chat/completions"],
    ["openai", "http://gw/v1?api-version=1", "http://gw/v1/chat/completions?api-version=1"],
    ["openai-responses", "https://gw/v1/responses", "https://gw/v1/responses"],
    [
      "openrouter",
      "https://openrouter.ai/api/v1/chat/completions",
      "https://openrouter.ai/api/v1/chat/completions",
    ],
    [
      "groq",
      "https://api.groq.com/openai/v1/chat/completions",
      "https://api.groq.com/openai/v1/chat/completions",
    ],
    ["anthropic", "https://api.anthropic.com/v1/messages", "https://api.anthropic.com/v1/messages"],
    ["anthropic", "https://api.anthropic.com/v1/messages?beta=true", "https://api.anthropic.com/v1/messages"],
    [
      "anthropic",
      "https://r.services.ai.azure.com/anthropic/v1/messages",
      "https://r.services.ai.azure.com/anthropic/v1/messages",
    ],
    ["gemini", "https://g/v1beta/models/m:generateContent", "https://g/v1beta/models/m:generateContent"],
    [
      "gemini",
      "https://g/v1beta/models/m:streamGenerateContent?alt=sse",
      "https://g/v1beta/models/m:generateContent",
    ],
    ["gemini", "https://g/v1beta/openai/", "https://g/v1beta/models/m:generateContent"],
    ["gemini", "https://g/v1beta/openai/chat/completions", "https://g/v1beta/models/m:generateContent"],
    [
      "vertex",
      "https://v/v1/projects/q/locations/l/publishers/google/models/m:generateContent",
      "https://v/v1beta1/projects/q/locations/l/publishers/google/models/m:generateContent",
    ],
    [
      "vertex",
      "us-central1-aiplatform.googleapis.com",
      "https://us-central1-aiplatform.googleapis.com/v1beta1/projects/p/locations/us-central1/publishers/google/models/m:generateContent",
    ],
    ["bedrock", "https://b.amazonaws.com/model/m/converse", "https://b.amazonaws.com/model/m/converse"],
    ["cohere", "https://api.cohere.com/v2/chat", "https://api.cohere.com/v2/chat"],
    ["cohere", "https://api.cohere.com/v1", "https://api.cohere.com/v2/chat"],
    ["ollama", "http://localhost:11434/api/chat", "http://localhost:11434/api/chat"],
    ["ollama", "http://localhost:11434/v1", "http://localhost:11434/api/chat"],
    ["ollama", "http://localhost:11434/v1/chat/completions", "http://localhost:11434/api/chat"],
  ])("a base URL as people paste it leads %s from %s to the API", (name, baseUrl, url) => {
    expect(askedUrl(name, baseUrl)).toBe(url);
  });

  it.each([
    "https://r.openai.azure.com",
    "r.openai.azure.com",
    "https://r.openai.azure.com/openai/",
    "https://r.openai.azure.com/openai/v1/chat/completions",
    "https://r.openai.azure.com/openai/v1/",
    "https://r.openai.azure.com/openai/deployments/m",
    "https://r.openai.azure.com/openai/deployments/m/chat/completions",
  ])("a base URL as people paste it leads azure from %s to the v1 API", (baseUrl) => {
    expect(askedUrl("azure", baseUrl)).toBe("https://r.openai.azure.com/openai/v1/chat/completions");
  });

  it.each([
    "https://r.openai.azure.com/openai/deployments/m/chat/completions?api-version=2024-10-21",
    "https://r.openai.azure.com/openai/deployments/m?api-version=2024-10-21",
    "https://r.openai.azure.com/?api-version=2024-10-21",
    "https://r.openai.azure.com/openai/responses?api-version=2024-10-21",
  ])("a base URL as people paste it leads azure from %s to the API of that version", (baseUrl) => {
    expect(askedUrl("azure", baseUrl)).toBe(
      "https://r.openai.azure.com/openai/deployments/m/chat/completions?api-version=2024-10-21",
    );
  });

  it("a base URL as people paste it leads azure to the older API of Foundry, which has one address for all models", () => {
    const url = "https://r.services.ai.azure.com/models/chat/completions?api-version=2024-05-01-preview";
    expect(askedUrl("azure", url)).toBe(url);
    expect(askedUrl("azure", "https://r.services.ai.azure.com/models")).toBe(
      "https://r.services.ai.azure.com/openai/v1/chat/completions",
    );
  });

  it("a base URL may have Azure's version in a variable of either name, and its own version comes first", () => {
    const ask = (baseUrl = "https://r.openai.azure.com"): string => askedUrl("azure", baseUrl);
    vi.stubEnv("AZURE_OPENAI_API_VERSION", "2025-01-01");
    expect(ask()).toContain("?api-version=2025-01-01");
    vi.stubEnv("OPENAI_API_VERSION", "2025-02-02");
    expect(ask()).toContain("?api-version=2025-02-02");
    expect(ask("https://r.openai.azure.com?api-version=2025-03-03")).toContain("?api-version=2025-03-03");
  });

  it("a base URL tells of the project, the location and the model that it names", () => {
    const base = "https://us-east1-aiplatform.googleapis.com/v1/projects/q/locations/us-east1";
    const notesOf = (name: string, baseUrl: string): readonly string[] =>
      providers.find((entry) => entry.name === name)?.create({ model: "m", baseUrl, apiKey: "k" }).notes ??
      [];
    const url = `${base}/publishers/google/models/other:generateContent`;
    expect(notesOf("vertex", url)).toEqual([
      `The base URL ${url} is understood as https://us-east1-aiplatform.googleapis.com`,
      "The project q is taken from the base URL",
      "The location us-east1 is taken from the base URL",
      "The base URL names the model other, but the model m is asked",
    ]);
    const place = { project: "p", location: "global" };
    expect(vertex({ model: "other", apiKey: "k", baseUrl: url, ...place }).notes?.slice(1)).toEqual([
      "The base URL names the project q, but the project p is asked",
      "The base URL names the location us-east1, but the location global is asked",
    ]);
    expect(notesOf("bedrock", "https://b.amazonaws.com/model/other-v1%3A0/converse").at(-1)).toBe(
      "The base URL names the model other-v1:0, but the model m is asked",
    );
  });

  it.each(["https://https://gw.example/v1", "http:/localhost:8000/v1", "${BASE}/v1", "$BASE_URL"])(
    "a base URL that names no host is refused: %s",
    (text) => expect(() => readBaseUrl(text)).toThrow(/Cannot use the base URL/),
  );

  it("a base URL is told as it was understood", () => {
    expect(openai({ model: "m", apiKey: "k", baseUrl: "localhost:8000/v1/chat/completions" }).notes).toEqual([
      "The base URL localhost:8000/v1/chat/completions is understood as http://localhost:8000/v1",
    ]);
    expect(anthropic({ model: "m", apiKey: "k", baseUrl: "https://a/v1/messages" }).notes).toEqual([
      "The base URL https://a/v1/messages is understood as https://a",
    ]);
    const target =
      "https://r.openai.azure.com/openai/deployments/one/chat/completions?api-version=2024-10-21";
    expect(azureOpenAI({ model: "two", apiKey: "k", baseUrl: target }).notes).toEqual([
      `The base URL ${target} is understood as https://r.openai.azure.com/openai/deployments/two, and api-version=2024-10-21 is sent with every request`,
      "The base URL names the deployment one, but the deployment two is asked",
    ]);
    const gemini = providers.find(({ name }) => name === "gemini");
    const named = { apiKey: "k", baseUrl: "https://g/v1beta/models/one:generateContent" };
    expect(gemini?.create({ ...named, model: "two" }).notes?.[1]).toBe(
      "The base URL names the model one, but the model two is asked",
    );
    expect(gemini?.create({ ...named, model: "one" }).notes).toHaveLength(1);
  });

  it.each(["http://localhost:8000/v1", "http://localhost:8000/v1/", "https://gw/openai"])(
    "a base URL is not told where it is taken as it is: %s",
    (baseUrl) => expect(vllm({ model: "m", baseUrl }).notes).toBeUndefined(),
  );

  it.each([
    "",
    " ",
    "no url",
    "ftp://host/v1",
    "http://",
    "https://user:SECRET@host/v1",
    "user:SECRET@host/v1",
    "https://user:SECRET@no host",
    "user:SECRET@no host",
    "https://host/v1?key=SECRET",
    "https://host/v1?SECRET",
    "https://host/v1?api-version=1&code=SECRET",
    "host/v1?key=SECRET#SECRET",
  ])("a base URL is refused without showing what may be a secret: %j", (text) => {
    const read = (): unknown => readBaseUrl(text);
    expect(read).toThrow(expect.objectContaining({ code: "INVALID_OPTION" }));
    expect(read).not.toThrow(/SECRET/);
  });

  it.each([
    [404, '{"detail":"Not Found"}'],
    [405, '{"detail":"Method Not Allowed"}'],
    [200, "<!doctype html><title>Chat</title>"],
  ])("a base URL without a version is named with one where a server answers HTTP %i", (status, body) => {
    const rejectionAt = (baseUrl: string): string => {
      const server = openaiCompatible({ name: "s", model: "m", baseUrl });
      const answer = server.readResponse({ status, headers: {}, body }, new Set());
      return answer.ok ? "" : answer.rejection.message;
    };
    expect(rejectionAt("http://localhost:8000")).toMatch(
      /most servers have the API at http:\/\/localhost:8000\/v1$/,
    );
    expect(rejectionAt("http://localhost:8000/v1")).not.toContain("most servers");
  });
});

describe("llamaCpp", () => {
  it("the provider llamaCpp asks at the port that LLAMA_ARG_PORT names, else at 8080, and tells of both where nobody is", () => {
    expect(llamaCpp({ model: "m" }).baseUrl).toBe("http://localhost:8080/v1");
    expect(llamaCpp({ model: "m" }).addressHint).toMatch(/8080.*9931.*LLAMA_ARG_PORT/);
    vi.stubEnv("LLAMA_ARG_PORT", "9000");
    expect(llamaCpp({ model: "m" }).baseUrl).toBe("http://localhost:9000/v1");
    expect(llamaCpp({ model: "m", baseUrl: "gpu:8081/v1" }).baseUrl).toBe("http://gpu:8081/v1");
    vi.stubEnv("LLAMA_ARG_PORT", "http");
    expect(() => llamaCpp({ model: "m" })).toThrow(/LLAMA_ARG_PORT/);
  });
});
