import { writeOpenaiUsage } from "../answer.ts";
import { chatDialect } from "../dialect.ts";
import type { Dialect } from "../../../dialect.ts";
import { isObject, type JsonObject } from "../../../json-value.ts";
import { writeOpenrouterError } from "./openrouter-errors.ts";

/** What OpenRouter itself reads, whatever the server behind it knows. */
const OWN = "models plugins provider reasoning route session_id trace transforms usage";
/** What the server behind it does not know. */
const UNSUPPORTED = ["n"];

const CHAT = chatDialect({
  name: "openrouter",
  basePath: "/api/v1",
  ownParams: `${OWN} min_p repetition_penalty top_a top_k`,
  unknownParams: UNSUPPORTED.join(" "),
  onUnknown: "drop",
  writeUsage: (usage) => ({ ...writeOpenaiUsage(usage), cost: 0 }),
});

/**
 * Chat completions of OpenRouter: what no server behind it knows is dropped without a word, unless the request
 * demands servers that know it all.
 */
export const openrouterDialect: Dialect = {
  ...CHAT,

  readRequest(body, route, target) {
    if (isObject(body) && demandsAll(body) && UNSUPPORTED.some((name) => name in body)) {
      const message = "No endpoints found that can handle the requested parameters.";
      return { error: { kind: "badRequest", status: 404, message } };
    }
    return CHAT.readRequest(body, route, target);
  },

  writeError: writeOpenrouterError,
  // Answers tell no limits; a refusal does, in its body.
  writeLimits: (_limits, waitMs) =>
    waitMs === undefined ? {} : { "retry-after": String(Math.ceil(waitMs / 1000)) },
};

function demandsAll({ provider }: JsonObject): boolean {
  return isObject(provider) && provider["require_parameters"] === true;
}
