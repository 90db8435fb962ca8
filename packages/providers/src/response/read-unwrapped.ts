import { isRecord, stringifyJson } from "@parallel-parrot/core";
import { readErrorBody, saysAnything } from "../errors/error-body.ts";
import { isSuccess } from "../errors/rejected.ts";
import { parseJson, parseWritten, type Fields } from "../json-fields.ts";
import type { ProviderAnswer, ProviderResponse } from "../provider.ts";

/** Fields that gateways put the whole answer of the server behind them into, as an object or as its JSON. */
const WRAPPERS = ["data", "result", "response", "body", "output", "payload"] as const;

/**
 * Reads a response, also if a gateway has wrapped the answer once more: if exactly one field holds an answer of the
 * whole shape, and nothing beside it says that something is wrong.
 *
 * @param read reads what the API itself sends
 */
export function readUnwrapped(
  response: ProviderResponse,
  read: (response: ProviderResponse) => ProviderAnswer,
): ProviderAnswer {
  const answer = read(response);
  if (answer.ok || !isSuccess(response)) return answer;
  const found = innerBodies(response.body).flatMap(([name, body]) => {
    const inner = read({ ...response, body });
    return inner.ok && inner.completion.choices.length > 0 ? [{ name, inner }] : [];
  });
  const [only] = found;
  if (only === undefined || found.length > 1) return answer;
  const notice = `The server wraps each answer in a field "${only.name}"; it was taken out of there`;
  return { ...only.inner, notice };
}

function innerBodies(body: string): readonly (readonly [name: string, body: string])[] {
  const parsed = parseJson(body);
  if (!isRecord(parsed)) return [];
  const names = WRAPPERS.filter((name) => isRecord(parsed[name]) || isObjectText(parsed[name]));
  if (names.length === 0 || saysFailure(parsed, names)) return [];
  const written = parseWritten(body);
  return names.map((name) => {
    const value = isRecord(written) ? written[name] : undefined;
    return [name, typeof value === "string" ? value : (stringifyJson(value) ?? "")] as const;
  });
}

function isObjectText(value: unknown): boolean {
  return typeof value === "string" && /^\s*\{/.test(value);
}

/** Words for a success, of gateways that write a code or a status beside the answer. */
const SUCCESS: ReadonlySet<unknown> = new Set([true, 0, 200, "0", "200", "ok", "success", "succeeded"]);

/** Whether what stands beside the answer says that something is wrong. */
function saysFailure(body: Fields, wrappers: readonly string[]): boolean {
  const beside = Object.fromEntries(Object.entries(body).filter(([name]) => !wrappers.includes(name)));
  const { success, error, code, status, statusCode } = beside;
  if (success === false || ((error ?? null) !== null && saysAnything(readErrorBody({ error })))) return true;
  const told = [success, code, status, statusCode].map((word) =>
    typeof word === "string" ? word.toLowerCase() : word,
  );
  // With a success beside it, a message is none of an error.
  return !told.some((word) => SUCCESS.has(word)) && saysAnything(readErrorBody(beside));
}
