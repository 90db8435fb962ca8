import { describe, expect, it } from "vitest";
import { readErrorBody, type ErrorBody } from "./error-body.ts";

describe("readErrorBody", () => {
  it.each<[form: string, body: unknown, told: Partial<ErrorBody>]>([
    [
      "OpenAI",
      { error: { message: "no", type: "t", param: "p", code: "c" } },
      { message: "no", type: "t", param: "p", code: "c" },
    ],
    [
      "a flat object",
      { object: "error", message: "no", type: "t", code: 400 },
      { message: "no", type: "t", code: "400", status: 400 },
    ],
    ["a message alone", { message: "no" }, { message: "no" }],
    ["a text", { error: "no" }, { message: "no" }],
    ["success: false", { success: false, message: "no" }, { message: "no", code: "" }],
    [
      "MiniMax",
      { id: "1", choices: null, base_resp: { status_code: 1002, status_msg: "rate limit" } },
      { message: "rate limit", code: "1002" },
    ],
    [
      "Baidu",
      { error_code: 18, error_msg: "Open api qps request limit reached" },
      { message: "Open api qps request limit reached", code: "18" },
    ],
    ["a detail", { detail: "Not authenticated" }, { message: "Not authenticated" }],
    [
      "FastAPI's faults",
      { detail: [{ loc: ["body", "seed"], msg: "Extra inputs", type: "extra_forbidden" }] },
      { message: "seed: Extra inputs", param: "seed", type: "extra_forbidden" },
    ],
    [
      "a list of errors",
      { errors: [{ message: "no", code: "c" }, { message: "more" }] },
      { message: "no", code: "c" },
    ],
    ["a list of texts", { errors: ["no"] }, { message: "no" }],
    [
      "Cloudflare",
      {
        result: null,
        success: false,
        errors: [{ code: 10_000, message: "Authentication error" }],
        messages: [],
      },
      { message: "Authentication error", code: "10000" },
    ],
    [
      "Google",
      [
        {
          error: { code: 429, message: "no", status: "RESOURCE_EXHAUSTED", details: [{ retryDelay: "4s" }] },
        },
      ],
      { message: "no", code: "RESOURCE_EXHAUSTED", status: 429, details: [{ retryDelay: "4s" }] },
    ],
    [
      "JSON in a message",
      {
        error: {
          message: '{"error":{"code":429,"message":"no","status":"RESOURCE_EXHAUSTED"}}\n',
          code: 429,
          status: "Too Many Requests",
        },
      },
      { message: "no", code: "RESOURCE_EXHAUSTED", status: 429 },
    ],
    ["JSON in a list in a text", { error: '[{"error":{"message":"no"}}]' }, { message: "no" }],
    [
      "an object wrapped once more",
      { data: { error: { message: "no", code: "c" } } },
      { message: "no", code: "c" },
    ],
    ["Tencent Cloud", { Response: { Error: { Code: "x", Message: "no" } } }, { message: "no", code: "x" }],
    ["a wrapper that nobody knows", { reply: { error: { message: "no" } } }, { message: "no" }],
    [
      "a gateway's message before the server's",
      { error: { message: "Provider returned error", code: 502, metadata: { raw: "Bad gateway" } } },
      { message: "Provider returned error: Bad gateway", status: 502 },
    ],
    ["a message said twice", { message: "no", error: { message: "no" } }, { message: "no" }],
    [
      "OAuth",
      { error: "invalid_client", error_description: "no" },
      { message: "no", code: "invalid_client" },
    ],
    [
      "problem details",
      { type: "about:blank", title: "Bad", status: 400, detail: "no" },
      { message: "no", status: 400 },
    ],
    [
      "Bedrock",
      { Message: "no", __type: "com.amazon#Throttling" },
      { message: "no", type: "com.amazon#Throttling" },
    ],
    [
      "Anthropic",
      { type: "error", error: { type: "rate_limit_error", message: "no", details: { error_code: "c" } } },
      { message: "no", type: "rate_limit_error", code: "c" },
    ],
  ])("readErrorBody reads the form of %s", (_form, body, told) => {
    expect(readErrorBody(body)).toMatchObject(told);
  });

  it.each<[what: string, body: unknown]>([
    [
      "an answer",
      { choices: [{ message: { role: "assistant", content: "no credit" } }], usage: { total_tokens: 1 } },
    ],
    ["the request that is repeated", { request: { message: "no credit" }, messages: [{ message: "no" }] }],
    ["a success", { code: 200, message: "success", status: "ok" }],
    ["an empty error", { error: { message: "", code: null } }],
    ["a number", 7],
    ["nothing", undefined],
  ])("readErrorBody finds no words in %s", (_what, body) => {
    expect(readErrorBody(body)).toEqual({ message: "", code: "", type: "", param: "" });
  });

  it("readErrorBody comes to an end in a body that is nested a thousand times", () => {
    let body: unknown = { message: "no" };
    for (let depth = 0; depth < 1000; depth++) body = { error: [body], errors: body, data: body };
    expect(readErrorBody(body).message).toBe("");
  });

  it("readErrorBody comes to an end in a body of lists that are nested a hundred thousand times", () => {
    let body: unknown = [];
    for (let depth = 0; depth < 100_000; depth++) body = [body];
    expect(readErrorBody(body).message).toBe("");
  });

  it("readErrorBody reads 64 kB of a message of megabytes, as expressions with gaps meet it", () => {
    const { message } = readErrorBody({ error: { message: "model ".repeat(1_000_000) } });
    expect(message).toBe("model ".repeat(11_000).slice(0, 64 * 1024));
  });
});
