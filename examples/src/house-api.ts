import { parseJson, PromptError, redact, type Provider } from "@parallel-parrot/providers";
import { NO_USAGE } from "@parallel-parrot/core";
import { z } from "zod";

const Reply = z.object({ text: z.string(), tokens: z.tuple([z.number(), z.number()]) });
const VERDICTS = new Map([
  [401, { verdict: "stop", code: "AUTHENTICATION" } as const],
  [404, { verdict: "stop", code: "NOT_THE_API" } as const],
  [422, { verdict: "fail", code: "BAD_REQUEST" } as const],
  [429, { verdict: "wait", code: "RATE_LIMITED" } as const],
]);
const PASSING = { verdict: "retry", code: "SERVER_ERROR" } as const;

export const houseApi = ({ apiKey, baseUrl }: { apiKey: string; baseUrl: string }): Provider => ({
  name: "house",
  model: "house-1",
  baseUrl,
  capabilities: { nativeN: false, json: "instructions", images: [], limits: "none" },
  buildRequest({ prompt, params, shape }) {
    if (prompt.messages.some(({ images = [] }) => images.length > 0)) throw new PromptError("No images");
    const turns = prompt.messages.map(({ role, content }) => ({ role, content }));
    if (shape.type === "json") turns.unshift({ role: "system", content: shape.instructions });
    const body = JSON.stringify({ turns, limit: params.maxTokens });
    return { method: "POST", url: `${baseUrl}/ask`, headers: { "content-type": "application/json" }, body };
  },
  authorize: () => ({ "x-house-key": apiKey }),
  readResponse(response) {
    const reply = Reply.safeParse(parseJson(response.body));
    const message = redact(`HTTP ${response.status}: ${response.body.slice(0, 4000)}`, apiKey);
    if (response.status !== 200 || !reply.success)
      return { ok: false, rejection: { message, ...(VERDICTS.get(response.status) ?? PASSING) } };
    const { text, tokens } = reply.data;
    const usage = { ...NO_USAGE, requests: 1, inputTokens: tokens[0], outputTokens: tokens[1] };
    return { ok: true, completion: { choices: [{ text, finishReason: "stop" }], model: "house-1", usage } };
  },
  readLimits: () => [],
  chargeUpFront: () => ({ requests: 1 }),
  chargeAfter: () => ({ requests: 1 }),
});
