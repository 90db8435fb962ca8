// @module-tag slow

import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import {
  chatAnswer,
  startFakeServer,
  type FakeResponse,
  type FakeServer,
} from "../../fixtures/fake-server.ts";
import { Workplace } from "../../fixtures/workplace.ts";

let place: Workplace;
beforeEach(async () => {
  place = await Workplace.open({ baseUrl: "http://127.0.0.1:1/v1", apiKey: "sim-key" });
  Object.assign(place.environment, { GROQ_API_KEY: "gsk-test", GEMINI_API_KEY: "gem-test" });
  await place.write("in.csv", "text\na\nb\nc\nd\ne\n");
});
afterEach(() => place.close());

async function fake(
  answer: (sequence: number, body: string) => FakeResponse | undefined,
): Promise<FakeServer> {
  const server = await startFakeServer(answer);
  onTestFinished(() => server.close());
  return server;
}

function ask(model: string, baseUrl: string, ...options: readonly string[]): readonly string[] {
  const prompt = ["--prompt", "Sum up: ${text}", "--model", model, "--base-url", baseUrl];
  return ["text", "in.csv", ...prompt, "-o", "out.csv", ...options];
}

/** Groq's refusal of a limit of tokens per day, with its header. Source: Groq, "Rate limits". */
function groqRefusal(seconds: number): FakeResponse {
  const message =
    "Rate limit reached for model `llama-3.3-70b-versatile` in organization `org_1` service tier `on_demand` on tokens per day (TPD): Limit 100000, Used 97050, Requested 3619. Please try again in 9m38.016s. Need more tokens? Upgrade to Dev Tier today at https://console.groq.com/settings/billing";
  const body = { error: { message, type: "tokens", code: "rate_limit_exceeded" } };
  return { status: 429, headers: { "retry-after": String(seconds) }, body };
}

/** Gemini's refusal of a quota of a day, which asks to wait for seconds only. Source: Gemini API, "Rate limits". */
function geminiRefusal(): FakeResponse {
  const violation = {
    quotaMetric: "generativelanguage.googleapis.com/generate_content_free_tier_requests",
    quotaId: "GenerateRequestsPerDayPerProjectPerModel-FreeTier",
    quotaDimensions: { location: "global", model: "gemini-3.6-flash" },
    quotaValue: "20",
  };
  const details = [
    { "@type": "type.googleapis.com/google.rpc.QuotaFailure", violations: [violation] },
    { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "3s" },
  ];
  const message = "You exceeded your current quota, please check your plan and billing details.";
  const body = { error: { code: 429, message, status: "RESOURCE_EXHAUSTED", details } };
  return { status: 429, headers: { date: "Mon, 30 Nov 2026 12:00:00 GMT" }, body };
}

describe("a run that has to wait", () => {
  it("a run says until when it waits, for which limit, and what the server says, and goes on", async () => {
    const server = await fake((sequence) => (sequence === 1 ? groqRefusal(2) : chatAnswer("fine")));
    const { code, stderr } = await place.run(...ask("groq/llama", `${server.origin}/openai/v1`));
    expect(stderr).toMatch(
      /^waiting until \d\d:\d\d \(\d s\): 100,000 tokens per day, the server says: "HTTP 429 rate_limit_exceeded: Rate limit reached for .*Need more tokens\?/m,
    );
    expect([code, await place.read("out.csv")]).toEqual([
      0,
      "text,output\na,fine\nb,fine\nc,fine\nd,fine\ne,fine\n",
    ]);
  });

  it("a run stops before a wait that is longer than --max-wait, names the option, and resume goes on", async () => {
    const server = await fake((sequence) => (sequence <= 2 ? chatAnswer("fine") : groqRefusal(578)));
    const base = `${server.origin}/openai/v1`;
    const { code, stderr } = await place.run(...ask("groq/llama", base, "--max-wait", "60"));
    expect(stderr).toMatch(
      /^parrot: The rate limit asks for a longer wait than --max-wait allows \(groq, model llama\): HTTP 429 .*The limit of 100,000 tokens per day is used up\. The wait would be 10 min\. Run again after 20/m,
    );
    expect(stderr).not.toContain("maxWaitMs");
    expect(stderr).toContain("Go on with: parrot resume\n");
    expect(code).toBe(4);
  });

  it("a run obeys the seconds that Gemini asks for when a quota of a day is used up, and then knows better", async () => {
    const server = await fake(() => geminiRefusal());
    const { code, stderr } = await place.run(
      ...ask("gemini/gemini-3.6-flash", server.origin, "--max-wait", "3600"),
    );
    expect(stderr).toMatch(
      /^waiting until \d\d:\d\d \(\d s\): 20 requests per day, the server says: "HTTP 429/m,
    );
    expect(stderr).toMatch(
      /longer wait than --max-wait allows .*The limit of 20 requests per day is used up\. .*The wait would be 20 h\. Run again after/,
    );
    expect(code).toBe(2);
    expect(server.received).toBe(2);
  });

  it("a run waits for a llama.cpp server that loads its model, from the first request on, and says so", async () => {
    const loading = { error: { code: 503, message: "Loading model", type: "unavailable_error" } };
    const server = await fake((sequence) =>
      sequence <= 2 ? { status: 503, body: loading } : chatAnswer("fine"),
    );
    const { code, stderr } = await place.run(...ask("llamacpp/any", `${server.origin}/v1`));
    expect(stderr).toMatch(
      /^waiting for the server to load its model, until \d\d:\d\d \(15 min\) at most \(--max-outage\), the last failure: "HTTP 503: Loading model"$/m,
    );
    expect(code).toBe(0);
  });

  it("a run does not wait longer than --max-outage for a model to be loaded", async () => {
    const loading = { error: { code: 503, message: "Loading model", type: "unavailable_error" } };
    const server = await fake(() => ({ status: 503, body: loading }));
    const { code, stderr } = await place.run(
      ...ask("llamacpp/any", `${server.origin}/v1`, "--max-outage", "1"),
    );
    expect(stderr).toMatch(
      /^parrot: http:\S+ has been loading its model for \d+ s, which is as long as --max-outage allows/m,
    );
    expect(code).toBe(2);
  });

  it("a run fails a row whose answer never comes at its --row-timeout, and names it", async () => {
    const server = await fake((_, body) => (body.includes("Sum up: d") ? undefined : chatAnswer("fine")));
    const { code, stderr } = await place.run(
      ...ask("openai/gpt", `${server.origin}/v1`, "--row-timeout", "2"),
    );
    expect(stderr).toContain("  1 TIMEOUT (row 4): no answer came in time; ");
    expect(stderr).toContain("No answer for this row within 2 s, with all attempts and waits");
    expect(code).toBe(3);
    expect(server.received).toBe(5);
  });

  it("a run asks three times where answers do not come in time, and then fails the row", async () => {
    const server = await fake((_, body) => (body.includes("Sum up: d") ? undefined : chatAnswer("fine")));
    const { code, stderr } = await place.run(...ask("openai/gpt", `${server.origin}/v1`, "--timeout", "1"));
    expect(stderr).toContain("  1 TIMEOUT (row 4): ");
    expect(stderr).toMatch(/No complete answer within 1000 ms, while others took \d+ m?s at most/);
    expect(stderr).toContain("3 answers got lost on the way, by timeouts or broken connections: the server");
    expect(code).toBe(3);
  });

  it("a run keeps to the limit of a day that the headers of answers tell", async () => {
    const limits = (sequence: number): Record<string, string> => ({
      "x-ratelimit-limit-requests": "3",
      "x-ratelimit-remaining-requests": String(Math.max(3 - sequence, 0)),
      "x-ratelimit-reset-requests": `${8 * sequence}h0m0s`,
    });
    const server = await fake((sequence) => ({ ...chatAnswer("fine"), headers: limits(sequence) }));
    const { code, stderr } = await place.run(...ask("openai/gpt", `${server.origin}/v1`));
    expect(stderr).toMatch(
      /--max-wait allows .*: The limit of 3 requests per day is used up\. The wait would be/,
    );
    expect(code).toBe(4);
    // The first was sent before the limit was known.
    expect(server.received).toBe(4);
  });
});
