import { fieldsOf, parseJson } from "../json-fields.ts";
import type { ProviderResponse } from "../provider.ts";
import type { ErrorBody } from "./error-body.ts";

/** Statuses of a server that loads its model: 503 of llama.cpp and Hugging Face, 500 of Ollama, others of gateways. */
const STATUSES: ReadonlySet<number> = new Set([425, 500, 502, 503, 504]);
/** `Loading model`, `Model X is currently loading`, `The model is not ready yet`, `server is starting`. */
const LOADING: readonly RegExp[] = [
  /\bloading (?:the )?models?\b/i,
  /\bmodel\b.{0,200}\b(?:is|being) (?:still |currently |now )?(?:being )?(?:load(?:ing|ed)|starting|warming)\b/i,
  /\bmodel\b.{0,200}\bis not (?:yet )?(?:ready|loaded yet)\b/i,
  /\b(?:server|engine|runner|worker)s? (?:is|are) (?:still |currently )?(?:loading|starting|warming)\b/i,
];
/** Words for a model that cannot be loaded, so that waiting does not help. */
const FAILED =
  /\b(?:error|fail(?:ed|ure|s)?|unable|cannot|can't|couldn't|could not|not enough|out of memory|unloaded)\b/i;
/** What a server says is in the beginning. */
const MAX_MESSAGE = 1000;

/** Whether a server says that it is there and still loads its model. Hugging Face also tells how long that takes. */
export function isLoadingModel(
  status: number,
  { message }: Pick<ErrorBody, "message">,
  { body }: Pick<ProviderResponse, "body">,
): boolean {
  if (!STATUSES.has(status)) return false;
  const said = message.slice(0, MAX_MESSAGE);
  if (FAILED.test(said)) return false;
  return LOADING.some((words) => words.test(said)) || tellsEstimate(body);
}

function tellsEstimate(body: string): boolean {
  return body.includes("estimated_time") && typeof fieldsOf(parseJson(body))["estimated_time"] === "number";
}
