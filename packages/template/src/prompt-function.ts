import { clip, type Message, type Row } from "@parallel-parrot/core";
import { roleProblem } from "./check-messages.ts";
import { RenderError } from "./render-error.ts";
import { ofRow } from "./render-template.ts";

const MAX_THROWN_LENGTH = 300;

/** Calls a user's function; what it throws becomes the row's failure. */
export function callTemplate<R extends Row, T>(
  template: (row: R, index: number) => T,
  row: R,
  index: number,
): T {
  try {
    return template(row, index);
  } catch (cause) {
    const thrown = clip(cause instanceof Error ? cause.message : String(cause), MAX_THROWN_LENGTH);
    throw failed(index, `the template function threw: ${thrown}`, cause);
  }
}

/** Checks what a prompt function gave back: a text is a user message. */
export function readMessages(result: unknown, index: number): readonly Message[] {
  if (typeof result === "string") return [{ role: "user", content: result }];
  // The row fails below; a promise's own rejection must not end the process as well.
  if (result instanceof Promise) result.catch(() => undefined);
  if (!Array.isArray(result) || !result.every(isMessageLike)) {
    throw failed(index, "the template function gave neither a text nor a list of { role, content }");
  }
  const problem = roleProblem(result);
  if (problem !== undefined) throw failed(index, problem);
  return result as readonly Message[];
}

function isMessageLike(value: unknown): value is { readonly role: unknown; readonly content: string } {
  return (
    typeof value === "object" &&
    value !== null &&
    "role" in value &&
    "content" in value &&
    typeof value.content === "string"
  );
}

function failed(index: number, reason: string, cause?: unknown): RenderError {
  return new RenderError("TEMPLATE_FAILED", `Cannot render the prompt${ofRow(index)}: ${reason}`, {
    cause,
  });
}
