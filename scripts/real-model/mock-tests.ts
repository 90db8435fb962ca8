import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { generateText, providers } from "../../packages/parallel-parrot/src/index.ts";
import { REVIEWS } from "./reviews.ts";

/** The APIs that the mock server speaks, and where each begins there. */
const PATHS: Readonly<Record<string, string>> = {
  openai: "/v1",
  "openai-responses": "/v1",
  azure: "",
  anthropic: "",
  gemini: "",
  bedrock: "",
  cohere: "",
  openrouter: "/api/v1",
  ollama: "",
};
const ANSWER = "A fine kettle.";

/** The part of `@copilotkit/aimock` that is used here. */
interface MockServer {
  onMessage(pattern: RegExp, answer: { readonly content: string }): unknown;
  start(): Promise<unknown>;
  stop(): Promise<unknown>;
  readonly url: string;
}

/** Tests against a mock server that others wrote from the vendors' documents. @param folder where it is installed */
export function testMock(folder: string): void {
  void describe("a mock server of several vendors' APIs", () => {
    let server: MockServer;
    const set = { AWS_REGION: "us-east-1", AWS_ACCESS_KEY_ID: "k", AWS_SECRET_ACCESS_KEY: "s" };
    before(async () => {
      Object.assign(process.env, set);
      const file = pathToFileURL(join(folder, "node_modules/@copilotkit/aimock/dist/index.js")).href;
      const { LLMock } = (await import(file)) as {
        LLMock: new (options: { readonly port: 0; readonly logLevel: "silent" }) => MockServer;
      };
      server = new LLMock({ port: 0, logLevel: "silent" });
      server.onMessage(/kettle|pan|broke|loud|lid/, { content: ANSWER });
      await server.start();
    });
    after(async () => {
      for (const name of Object.keys(set)) delete process.env[name];
      await server.stop();
    });

    for (const [name, path] of Object.entries(PATHS)) {
      void it(`takes the requests of ${name}, and its 20 answers are read with their usage`, async () => {
        const entry = providers.find((each) => each.name === name);
        assert.ok(entry);
        const provider = entry.create({ model: "m", apiKey: "k", baseUrl: `${server.url}${path}` });
        const prompt = "Say something short about: ${review}";
        const { rows, usage } = await generateText(REVIEWS, {
          provider,
          prompt,
          maxTokens: 50,
          temperature: 0.5,
        });
        assert.deepEqual(
          rows.map(({ output }) => output),
          REVIEWS.map(() => ANSWER),
        );
        assert.ok(usage.inputTokens > 0 && usage.outputTokens > 0);
      });
    }
  });
}
