import { hash } from "node:crypto";
import { expect, it } from "vitest";
import { WASHINGTON } from "../../../fixtures/articles.ts";
import { chat, post } from "../../../fixtures/client.ts";
import { startSimulator, type Fault } from "../../index.ts";

const SCHEMA = {
  type: "object",
  properties: { question: { type: "string" }, answer: { type: "string" }, year: { type: "integer" } },
  required: ["question", "answer", "year"],
  additionalProperties: false,
};

const BODIES: readonly unknown[] = [
  chat(`Summarize:\n\n${WASHINGTON}`),
  chat(`Summarize:\n\n${WASHINGTON}`, { n: 3, max_tokens: 7 }),
  chat(`Title?\n\n${WASHINGTON}`, { stop: "ash" }),
  chat(WASHINGTON, {
    response_format: { type: "json_schema", json_schema: { name: "qa", strict: true, schema: SCHEMA } },
  }),
  chat(`JSON with the key "title".\n\n${WASHINGTON}`, { response_format: { type: "json_object" } }),
  chat("Hi", { unknown: 1 }),
  chat("Hi", { temperature: 3 }),
  chat(WASHINGTON, { max_tokens: 100_000 }),
  { model: "gone", messages: [{ role: "user", content: "Hi" }] },
  "{",
];

const FAULTS: readonly Fault[] = [
  { kind: "refusal" },
  { kind: "contentFilter" },
  { kind: "contentFilter", at: "prompt" },
  { kind: "lengthCutOff" },
  { kind: "emptyChoices" },
  { kind: "noCredit" },
  ...[401, 402, 403, 404, 408, 413, 429, 500, 503, 529].map((status): Fault => ({ kind: "status", status })),
];

/** The answers to these requests must not change, so that runs can be compared over months. */
it("the OpenAI dialect answers with the same bytes as ever", async () => {
  await using simulator = await startSimulator({
    models: ["test-model"],
    contextTokens: 5000,
    faults: [...BODIES.map(() => undefined), ...FAULTS],
  });
  const lines: string[] = [];
  for (const body of [...BODIES, ...FAULTS.map(() => BODIES[0])]) {
    const response = await post(simulator, body);
    const headers = [...response.headers].filter(([name]) => name !== "date" && name !== "keep-alive");
    lines.push(JSON.stringify([response.status, headers, await response.text()]));
  }
  expect(hash("sha256", lines.join("\n"))).toBe(
    "38dd5b8092e493175749a77e79f60f1f9e65147b3dadde662d9fde29da43ba35",
  );
});
