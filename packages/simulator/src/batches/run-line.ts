import { hash } from "node:crypto";
import { answerRequest } from "../answers/answer-request.ts";
import type { Dialect, SimRequest, SimResponse, SimTarget } from "../dialect.ts";
import { checkRequest } from "../server/check-request.ts";
import type { Settings } from "../server/options.ts";
import { countPromptTokens } from "../tokens.ts";
import type { SimLine } from "./batch-api.ts";

/** What answers a request of a job: the same as a direct request with this body. */
export interface LineRunner {
  readonly bodyHash: string;
  readonly inputTokens: number;
  run(): SimResponse;
}

/**
 * Finds how a line is answered; `undefined` if the API has no such operation.
 *
 * @param headers those of the request that made the job
 */
export function lineRunner(
  { path, body }: SimLine,
  dialects: readonly Dialect[],
  headers: SimTarget["headers"],
  settings: Settings,
): LineRunner | undefined {
  const target: SimTarget = { method: "POST", path, query: new URLSearchParams(), headers };
  const bodyHash = hash("sha256", JSON.stringify(body) ?? "");
  const id = bodyHash.slice(0, 24);
  for (const dialect of dialects) {
    const route = dialect.matchRoute(target);
    if (route?.kind !== "completion") continue;
    const reading = dialect.readRequest(body, route, target);
    if ("error" in reading) {
      const { error } = reading;
      return { bodyHash, inputTokens: 0, run: () => dialect.writeError(error, id) };
    }
    const { request } = reading;
    const inputTokens = countPromptTokens(request.messages);
    return { bodyHash, inputTokens, run: () => answer(request, { dialect, id, inputTokens, settings }) };
  }
  return undefined;
}

function answer(
  request: SimRequest,
  parts: { dialect: Dialect; id: string; inputTokens: number; settings: Settings },
): SimResponse {
  const { dialect, id, inputTokens, settings } = parts;
  const error = checkRequest(request, inputTokens, settings);
  if (error !== undefined) return dialect.writeError(error, id);
  const answered = answerRequest(request, { id, inputTokens, first: 0, ownAnswer: settings.answer });
  return dialect.writeAnswer(answered, request);
}
