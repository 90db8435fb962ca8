import { describe, expect, it } from "vitest";
import { chat } from "../../fixtures/client.ts";
import { startSimulator } from "../index.ts";

const DAY = 86_400_000;

async function secondResponse(
  api: "openai" | "groq" | "gemini",
  path: string,
  body: unknown,
): Promise<{ headers: Headers; text: string }> {
  await using simulator = await startSimulator({ limits: { requestsPerMinute: 1, windowMs: DAY } });
  const url = `${simulator.urls[api]}${path}`;
  const key = { authorization: "Bearer sim-key", "x-goog-api-key": "sim-key" };
  const ask = () =>
    fetch(url, {
      method: "POST",
      headers: { ...key, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  await (await ask()).text();
  const response = await ask();
  expect(response.status).toBe(429);
  return { headers: response.headers, text: await response.text() };
}

describe("limits of a day", () => {
  it("a limit of a day is told by OpenAI in its words and in the time until the reset", async () => {
    const { headers, text } = await secondResponse("openai", "/chat/completions", chat("Hello"));
    expect(text).toMatch(
      /Rate limit reached for .* on requests per day \(RPD\): Limit 1, Used 1, .* try again in 23h/,
    );
    expect(headers.get("x-ratelimit-reset-requests")).toMatch(/^(?:23h59m|24h)/);
  });

  it("a limit of a day is told by Groq as it is, in the headers that count a day", async () => {
    const { headers } = await secondResponse("groq", "/chat/completions", chat("Hello"));
    expect(headers.get("x-ratelimit-limit-requests")).toBe("1");
  });

  it("a limit of a day is told by Gemini as a quota per day", async () => {
    const body = { contents: [{ role: "user", parts: [{ text: "Hello" }] }] };
    const { text } = await secondResponse("gemini", "/v1beta/models/sim:generateContent", body);
    expect(text).toContain('"quotaId":"GenerateRequestsPerDayPerProjectPerModel"');
  });
});
