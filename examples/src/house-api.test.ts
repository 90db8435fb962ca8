import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { testProvider } from "@parallel-parrot/providers/testing";
import { describe, expect, it } from "vitest";
import { houseApi } from "./house-api.ts";

const problem = (status: number) => ({
  status,
  headers: {},
  body: '{"message": "a problem"}',
});

describe("the adapter of an in-house API", () => {
  testProvider(it, {
    provider: (apiKey) => houseApi({ apiKey, baseUrl: "https://llm.house.example" }),
    answer: {
      response: { status: 200, headers: {}, body: '{"text":"Hi","tokens":[3,1]}' },
      texts: ["Hi"],
      inputTokens: 3,
      outputTokens: 1,
    },
    errors: [
      {
        name: "bad key",
        response: { ...problem(401), headers: {} },
        verdict: "stop",
        code: "AUTHENTICATION",
      },
      {
        name: "no such address",
        response: { ...problem(404), headers: {} },
        verdict: "stop",
        code: "NOT_THE_API",
      },
      {
        name: "bad request",
        response: { ...problem(422), headers: {} },
        verdict: "fail",
        code: "BAD_REQUEST",
      },
      { name: "throttle", response: { ...problem(429), headers: {} }, verdict: "wait", code: "RATE_LIMITED" },
      {
        name: "server error",
        response: { ...problem(500), headers: {} },
        verdict: "retry",
        code: "SERVER_ERROR",
      },
    ],
  });

  it("is shown as it is, in less than forty lines", async () => {
    const source = (await readFile(join(import.meta.dirname, "house-api.ts"), "utf8")).trim();
    const readme = await readFile(join(import.meta.dirname, "../../packages/providers/README.md"), "utf8");
    expect(source.split("\n").length).toBeLessThan(40);
    expect(readme).toContain(source);
  });
});
