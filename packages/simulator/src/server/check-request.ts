import type { Found } from "../dialects/apis.ts";
import type { SimError, SimRequest } from "../dialect.ts";
import type { OpenEntry } from "./ledger.ts";
import type { Settings } from "./options.ts";

/** Checks key and size of a request before its body is read, and notes in the entry whether the key is right. */
export function checkAccess(
  { dialect, target }: Found,
  entry: OpenEntry,
  { apiKey, maxBodyBytes, batch }: Settings,
  bodyTooLarge: boolean,
): SimError | undefined {
  const key = dialect.readKey(target.headers, target.query);
  entry.keyIsRight = key === apiKey || batch.otherKeys.includes(key ?? "") || dialect.needsKey === false;
  if (bodyTooLarge) return { kind: "bodyTooLarge", limitBytes: maxBodyBytes };
  return entry.keyIsRight ? undefined : { kind: "auth", missing: key === undefined };
}

/** Checks model and length of a request that was read. */
export function checkRequest(
  { model, maxTokens, truncates = false }: SimRequest,
  inputTokens: number,
  { models, contextTokens }: Settings,
): SimError | undefined {
  if (models !== undefined && !models.includes(model)) return { kind: "modelNotFound", model };
  if (truncates || inputTokens + (maxTokens ?? 0) <= contextTokens) return undefined;
  return {
    kind: "contextTooLong",
    contextTokens,
    inputTokens,
    ...(maxTokens !== undefined && { maxTokens }),
  };
}
