import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { documentedClaude } from "../fixtures/documented-claude.ts";
import { anthropic, generateText, type PromptTemplate, type Row } from "./index.ts";

const RULES = "Answer with yes or no, and nothing else. ".repeat(200).trim();
const EXAMPLES = [
  { user: "A lion?", assistant: RULES },
  { user: "A stone?", assistant: "no" },
];
const ROWS: readonly Row[] = Array.from({ length: 25 }, (_, index) => ({
  text: `animal ${index} of the book`,
}));
const PRICE = { input: 3, cachedInput: 0.3, cacheWrite: 3.75, output: 15 };

describe("a prompt cache as Anthropic documents it", () => {
  it.each<[string, PromptTemplate]>([
    ["a long template", `${RULES}\n\nIs it this one: \${text}`],
    ["a system message", { system: RULES, user: "${text}" }],
    ["examples", { system: "Say yes or no.", examples: EXAMPLES, user: "${text}" }],
    ["words and columns in turn", { system: RULES, user: "Is ${text} one of these: ${text}?" }],
  ])(
    "a server by Anthropic's documents bills one row for what is written with %s, and all others read it",
    async (_, prompt) => {
      const { server, bill } = documentedClaude();
      await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
      try {
        const { port } = server.address() as AddressInfo;
        const provider = anthropic({
          model: "claude-sonnet-5",
          baseUrl: `http://127.0.0.1:${port}`,
          apiKey: "k",
        });
        const {
          usage,
          cost = 0,
          cacheSaving = 0,
          failures,
        } = await generateText(ROWS, {
          provider,
          prompt,
          price: PRICE,
          promptCache: true,
        });
        expect(failures).toEqual([]);
        const { read, written, plain } = bill;
        expect(usage).toMatchObject({
          inputTokens: read + written + plain,
          cachedInputTokens: read,
          cacheWriteTokens: written,
        });
        expect(read).toBe(24 * written);
        expect(read / (read + written + plain)).toBeGreaterThan(0.9);
        expect(cost + cacheSaving).toBeCloseTo((usage.inputTokens * 3 + usage.outputTokens * 15) / 1e6, 12);
      } finally {
        server.close();
        server.closeAllConnections();
      }
    },
  );
});
