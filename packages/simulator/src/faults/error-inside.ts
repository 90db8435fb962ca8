import type { Dialect, SimResponse } from "../dialect.ts";
import type { AnswerFault } from "./fault.ts";

/** Writes a response with status 200 whose body is an error. */
export function writeErrorInside(
  {
    form = "own",
    code = 502,
    message = "Provider returned error",
  }: Extract<AnswerFault, { kind: "errorInside" }>,
  dialect: Dialect,
  id: string,
): SimResponse {
  if (form === "openrouter") return ok({ error: { code, message }, user_id: "user_simulated" });
  if (form === "xai") return ok({ code: String(code), error: message });
  return { ...dialect.writeError({ kind: "serverError", status: code }, id), status: 200 };
}

function ok(body: unknown): SimResponse {
  return { status: 200, headers: {}, body };
}
