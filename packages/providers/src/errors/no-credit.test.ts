import { describe, expect, it } from "vitest";
import { saysNoCredit } from "./no-credit.ts";
import { readErrorBody } from "./error-body.ts";

describe("saysNoCredit", () => {
  it.each<[server: string, body: unknown]>([
    ["OpenAI", { error: { message: "You exceeded your current quota", code: "insufficient_quota" } }],
    [
      "OpenAI by its type",
      { error: { message: "You exceeded your current quota", type: "insufficient_quota" } },
    ],
    ["OpenRouter's limit of a key", { error: { message: "Key limit exceeded (total limit)", code: 403 } }],
    ["Anthropic", { type: "error", error: { type: "billing_error", message: "Please pay." } }],
    [
      "Anthropic with status 400",
      { error: { message: "Your credit balance is too low to access the API." } },
    ],
    ["MiniMax", { base_resp: { status_code: 1008, status_msg: "insufficient balance" } }],
    [
      "MiniMax as Anthropic",
      { type: "error", error: { type: "api_error", message: "insufficient balance (1008)" } },
    ],
    ["MiniMax behind ModelScope", { error: { http_code: "429", type: "insufficient_balance_error" } }],
    [
      "LiteLLM",
      {
        error: {
          message: "Budget has been exceeded! Current cost: 26.1, Max budget: 0.25",
          type: "budget_exceeded",
          param: null,
          code: "400",
        },
      },
    ],
    [
      "LiteLLM of old",
      {
        error: {
          message: "Budget has been exceeded! Team=RP32A1 Current cost: 3000.2, Max budget: 3000.0",
          type: "auth_error",
          param: "None",
          code: 400,
        },
      },
    ],
    [
      "LiteLLM for an end user",
      {
        error: {
          message: "ExceededBudget: End User=ishaan3 over budget. Spend=0.0009, Budget=0.0001",
          type: "budget_exceeded",
          code: 429,
        },
      },
    ],
    [
      "LiteLLM's router",
      { error: { message: "No deployments available - crossed budget: Exceeded budget for deployment gpt" } },
    ],
    [
      "One API",
      {
        error: {
          message: "user quota is not enough (request id: 2024)",
          type: "one_api_error",
          code: "insufficient_user_quota",
        },
      },
    ],
    [
      "New API",
      { error: { message: "用户额度不足, 剩余额度: ＄-0.000002", type: "new_api_error", code: "" } },
    ],
    ["Zhipu", { error: { code: "1113", message: "余额不足或无可用资源包,请充值。" } }],
    [
      "Z.ai",
      { error: { code: "1113", message: "Insufficient balance or no resource package. Please recharge." } },
    ],
    ["SiliconFlow", { code: 30_001, message: "Sorry, your account balance is insufficient", data: null }],
    [
      "Moonshot behind a gateway",
      {
        error: {
          message: "Provider returned error",
          code: 429,
          metadata: {
            raw: '{"error":{"message":"Your account org-1 is suspended due to insufficient balance, please recharge your account","type":"exceeded_current_quota_error"}}',
          },
        },
      },
    ],
    [
      "Alibaba",
      {
        error: {
          code: "Arrearage",
          message: "Access denied, please make sure your account is in good standing.",
        },
      },
    ],
    ["Volcengine", { error: { code: "AccountOverdueError", message: "The request failed" } }],
    ["Sub2API", { code: "INSUFFICIENT_BALANCE", message: "Insufficient account balance" }],
    [
      "xAI",
      {
        code: "denied",
        error: "Your team has either used all available credits or reached its monthly spending limit.",
      },
    ],
    [
      "Gemini",
      {
        error: { code: 429, message: "Your prepayment credits are depleted.", status: "RESOURCE_EXHAUSTED" },
      },
    ],
    [
      "OpenRouter",
      { error: { code: 402, message: "This request requires more credits, or fewer max_tokens." } },
    ],
    [
      "DeepSeek",
      {
        error: {
          message: "Insufficient Balance",
          type: "unknown_error",
          param: null,
          code: "invalid_request_error",
        },
      },
    ],
  ])("saysNoCredit finds that the credit is used up in %s", (_server, body) => {
    expect(saysNoCredit(readErrorBody(body))).toBe(true);
  });

  it.each<[what: string, body: unknown]>([
    [
      "a quota of a minute",
      {
        error: {
          message: "Quota exceeded for quota metric 'requests' per minute. Insufficient quota.",
          code: 429,
        },
      },
    ],
    [
      "Gemini's words for every quota",
      {
        error: {
          code: 429,
          message: "You exceeded your current quota, please check your plan and billing details.",
          status: "RESOURCE_EXHAUSTED",
        },
      },
    ],
    [
      "a hint to buy more",
      {
        error: {
          message:
            "Rate limit exceeded: free-models-per-min. Add 10 credits to unlock 1000 free model requests per day",
          code: 429,
        },
      },
    ],
    [
      "a spending limit that passes",
      { error: { message: "Spending limit per minute reached, try again in 6s" } },
    ],
    [
      "credit that is reserved",
      { error: { message: "Insufficient credits: in_flight_budget_exhausted", code: 402 } },
    ],
    [
      "words of the prompt in quotes",
      { error: { message: 'Invalid content: "my insufficient balance, please recharge"' } },
    ],
    [
      "words of the prompt in single quotes",
      { error: { message: "Can't read input_value='budget exceeded' of the request" } },
    ],
    [
      "a parameter",
      { error: { message: "max_tokens: insufficient balance of tokens", param: "max_tokens" } },
    ],
    [
      "a fault of validation",
      { detail: [{ loc: ["body", "messages"], msg: "insufficient funds", input: "x" }] },
    ],
    [
      "a budget of thoughts",
      { error: { message: "The thinking budget exceeded the maximum; token budget exceeded" } },
    ],
    ["a web page", { error: "<html><p>Insufficient balance</p></html>" }],
    [
      "a request that is repeated",
      { error: { message: "Bad request" }, request: { message: "insufficient balance" } },
    ],
    [
      "a refusal that costs nothing",
      { error: { message: "Your input was flagged. No credits were charged." } },
    ],
    ["an overload", { error: { message: "The server is overloaded", type: "server_error" } }],
  ])("saysNoCredit does not take for used-up credit: %s", (_what, body) => {
    expect(saysNoCredit(readErrorBody(body))).toBe(false);
  });
});
