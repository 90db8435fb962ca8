import type { Dialect, SimResponse } from "../dialect.ts";
import type { AnswerFault, ErrorForm } from "./fault.ts";

/** Bodies of errors that come with status 200, as servers and gateways write them. */
const BODIES: Readonly<Record<Exclude<ErrorForm, "own">, (code: number, message: string) => unknown>> = {
  openrouter: (code, message) => ({ error: { code, message }, user_id: "user_simulated" }),
  xai: (code, message) => ({ code: String(code), error: message }),
  baseResp: (code, message) => ({
    id: "simulated",
    choices: null,
    base_resp: { status_code: code, status_msg: message },
  }),
  detail: (_code, message) => ({ detail: message }),
  errorCode: (code, message) => ({ error_code: code, error_msg: message, id: "simulated" }),
  errors: (code, message) => ({ result: null, success: false, errors: [{ code, message }], messages: [] }),
  list: (code, message) => [{ error: { code, message, status: "UNKNOWN" } }],
  message: (_code, message) => ({ message }),
  success: (_code, message) => ({ success: false, message }),
  wrapped: (code, message) => ({ data: { error: { code: String(code), message } } }),
};

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
  if (form !== "own") return { status: 200, headers: {}, body: BODIES[form](code, message) };
  return { ...dialect.writeError({ kind: "serverError", status: code }, id), status: 200 };
}
