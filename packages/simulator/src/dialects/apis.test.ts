import { describe, expect, it } from "vitest";
import { start } from "../../fixtures/samples.ts";
import { geminiDialect, openaiDialect } from "../index.ts";

const TALK = { messages: [{ role: "user", content: "Hi" }] };
const CHAT = { model: "m", ...TALK };
const GEMINI = { contents: [{ parts: [{ text: "Hi" }] }] };
const BEDROCK = { messages: [{ role: "user", content: [{ text: "Hi" }] }] };
const VERTEX_PATH = "/v1/projects/p/locations/l/publishers/google/models/m:generateContent";

describe("the simulator's server", () => {
  it("the simulator answers every API at its path, with one ledger and one limiter", async () => {
    const simulator = await start({ limits: { requestsPerMinute: 11, window: "minute" } });
    const { urls, apiKey, ledger } = simulator;
    const bearer = { authorization: `Bearer ${apiKey}` };
    const anthropic = { "x-api-key": apiKey, "anthropic-version": "2023-06-01" };
    const requests: readonly (readonly [string, object, Record<string, string>])[] = [
      [`${urls.openai}/chat/completions`, CHAT, bearer],
      [`${urls.openai}/responses`, { model: "m", input: "Hi" }, bearer],
      [`${urls.azure}/openai/v1/chat/completions`, CHAT, { "api-key": apiKey }],
      [`${urls.azure}/openai/v1/responses`, { model: "m", input: "Hi" }, bearer],
      [`${urls.anthropic}/v1/messages`, { ...CHAT, max_tokens: 9 }, anthropic],
      [`${urls.bedrock}/model/m/converse`, BEDROCK, bearer],
      [`${urls.cohere}/v2/chat`, CHAT, bearer],
      [`${urls.gemini}/v1beta/models/m:generateContent`, GEMINI, { "x-goog-api-key": apiKey }],
      [`${urls.mistral}/chat/completions`, CHAT, bearer],
      [`${urls.ollama}/api/chat`, { ...CHAT, stream: false }, {}],
      [`${urls.vertex}${VERTEX_PATH}`, GEMINI, bearer],
    ];
    const post = async ([url, body, headers]: (typeof requests)[number]): Promise<number> =>
      (await fetch(url, { method: "POST", headers, body: JSON.stringify(body) })).status;
    for (const request of requests) expect(await post(request)).toBe(200);
    expect(ledger.entries.map(({ dialect, model }) => [dialect, model])).toEqual(
      [
        "openai",
        "openai-responses",
        "azure",
        "azure-responses",
        "anthropic",
        "bedrock",
        "cohere",
        "gemini",
        "mistral",
        "ollama",
        "vertex",
      ].map((name) => [name, "m"]),
    );
    for (const request of requests) expect(await post(request)).toBe(429);
    expect(simulator.stats()).toMatchObject({ refused429: 11, byStatus: { 200: 11, 429: 11 } });
  });

  it("the simulator says in the words of each API that it has nothing at a path", async () => {
    const { urls } = await start();
    const told: Record<string, unknown> = {};
    for (const [name, url] of Object.entries(urls)) {
      const response = await fetch(`${url}/nothing`, { method: "POST", body: "{}" });
      expect(response.status).toBe(404);
      told[name] = await response.json();
    }
    expect(told).toMatchObject({
      openai: { error: { type: "invalid_request_error", message: "Invalid URL (POST /v1/nothing)" } },
      azure: { error: { code: "404" } },
      anthropic: { type: "error", error: { type: "not_found_error" } },
      bedrock: { message: "Not found: POST /nothing" },
      cohere: { message: "page not found" },
      gemini: { error: { code: 404, status: "NOT_FOUND" } },
      mistral: { message: "no Route matched with those values" },
      ollama: { error: "404 page not found" },
      vertex: { error: { code: 404, status: "NOT_FOUND" } },
    });
  });

  it("the simulator lists models in the words of each API that has a list", async () => {
    const { urls, apiKey } = await start({ models: ["one"] });
    const bearer = { authorization: `Bearer ${apiKey}` };
    const list = async (url: string, headers: Record<string, string> = bearer): Promise<unknown> =>
      (await fetch(url, { headers })).json();
    expect(await list(`${urls.openai}/models`)).toMatchObject({ data: [{ id: "one", object: "model" }] });
    expect(await list(`${urls.azure}/openai/v1/models`)).toMatchObject({ data: [{ id: "one" }] });
    expect(await list(`${urls.anthropic}/v1/models`)).toMatchObject({ data: [{ id: "one", type: "model" }] });
    expect(await list(`${urls.cohere}/v1/models`)).toMatchObject({ models: [{ name: "one" }] });
    expect(await list(`${urls.gemini}/v1beta/models?key=${apiKey}`, {})).toMatchObject({
      models: [{ name: "models/one" }],
    });
    expect(await list(`${urls.mistral}/models`)).toMatchObject({ data: [{ id: "one" }] });
    expect(await list(`${urls.ollama}/api/tags`, {})).toMatchObject({ models: [{ model: "one" }] });
  });

  it("the simulator has one API at the root, which may be a custom dialect", async () => {
    const gemini = await start({ dialect: geminiDialect });
    expect([gemini.urls.gemini, gemini.urls.openai]).toEqual([gemini.baseUrl, `${gemini.baseUrl}/openai/v1`]);
    const own = await start({ dialect: { ...openaiDialect, basePath: "/own" } });
    expect(own.baseUrl).toMatch(/:\d+\/own$/);
    expect(own.urls.openai).toMatch(/:\d+\/openai\/v1$/);
  });

  it("the simulator tells a fault script which API the request speaks", async () => {
    const { urls, apiKey } = await start({
      faults: ({ dialect }) => (dialect === "cohere" ? { kind: "status", status: 500 } : undefined),
    });
    const statuses: number[] = [];
    for (const url of [`${urls.cohere}/v2/chat`, `${urls.mistral}/chat/completions`]) {
      const headers = { authorization: `Bearer ${apiKey}` };
      statuses.push((await fetch(url, { method: "POST", headers, body: JSON.stringify(CHAT) })).status);
    }
    expect(statuses).toEqual([500, 200]);
  });
});
