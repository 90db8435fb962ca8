import { describe, expect, it } from "vitest";
import { openaiCompatible } from "../index.ts";

const provider = openaiCompatible({ name: "any", model: "m", baseUrl: "http://localhost:1/v1" });

function codeOf(status: number, body: unknown): string | undefined {
  const answer = provider.readResponse({ status, headers: {}, body: JSON.stringify(body) }, new Set());
  return answer.ok ? undefined : answer.rejection.code;
}

describe("a server that still loads its model", () => {
  it.each([
    ["llama.cpp", 503, { error: { code: 503, message: "Loading model", type: "unavailable_error" } }],
    ["Hugging Face", 503, { error: "Model deepset/roberta is currently loading", estimated_time: 20 }],
    ["Hugging Face in other words", 503, { error: "Please wait", estimated_time: 300.9 }],
    ["Ollama", 500, { error: "unexpected server status: llm server loading model" }],
    ["a gateway", 502, { error: { message: "The model llama-3 is still being loaded" } }],
    ["an engine", 503, { detail: "The model is not ready yet" }],
    ["an engine that starts", 503, { message: "Server is starting up" }],
    ["llama.cpp behind a gateway with status 200", 200, { error: { code: 503, message: "Loading model" } }],
  ])("a server that still loads its model is told apart from one that fails: %s", (_, status, body) => {
    expect(codeOf(status, body)).toBe("MODEL_LOADING");
  });

  it.each([
    [500, { error: "llama runner process has terminated: error loading model: tensor not found" }],
    [500, { error: { message: "Failed to load model: the model is being loaded by another process" } }],
    [503, { error: { message: "The server is overloaded" } }],
    [503, { error: { message: "Service Unavailable" } }],
  ])(
    "an answer of %i with other words is not taken for a server that loads its model: %j",
    (status, body) => {
      expect(codeOf(status, body)).not.toBe("MODEL_LOADING");
    },
  );
});
