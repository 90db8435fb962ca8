import type { AnswerFault } from "./fault.ts";

/** Wraps the body of an answer once more, as gateways do. */
export function wrapped(
  body: unknown,
  { form = "data" }: Extract<AnswerFault, { readonly kind: "wrapped" }>,
): unknown {
  if (form === "result") return { result: body, success: true, errors: [], messages: [] };
  return { code: 200, message: "success", [form]: body };
}
