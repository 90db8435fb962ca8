import { describeGiven, isObject, type Message, messageOf, type Row } from "@parallel-parrot/core";
import { roleProblem } from "./check-messages.ts";
import { RenderError } from "../render-error.ts";
import { ofRow } from "../text/render-template.ts";

/** Calls a user's function. What it throws becomes the failure of the row. */
export function callTemplate<R extends Row, T>(
  template: (row: R, index: number) => T,
  row: R,
  index: number,
): T {
  try {
    return template(row, index);
  } catch (cause) {
    throw failed(index, `the template function threw: ${describeThrown(cause)}`, cause);
  }
}

/** Describes a result that a function should not have given, for the message of the failed row. */
export function describeResult(result: unknown): string {
  if (!(result instanceof Promise)) return describeGiven(result);
  // The row fails anyway. A rejection that nobody handles would end the process as well.
  result.catch(() => undefined);
  return "a promise, which is not awaited (do asynchronous work in a stage before this one)";
}

/** Checks the result of a prompt function, and makes a user message of a text. */
export function readMessages(result: unknown, index: number): readonly Message[] {
  if (typeof result === "string") return [{ role: "user", content: result }];
  if (!Array.isArray(result) || !result.every(isMessageLike)) {
    throw failed(
      index,
      `the template function returned ${describeResult(result)}; expected a text or a list of { role, content }`,
    );
  }
  const problem = roleProblem(result);
  if (problem !== undefined) throw failed(index, problem);
  return result as readonly Message[];
}

function describeThrown(cause: unknown): string {
  const message = messageOf(cause);
  const isBigInt = cause instanceof TypeError && message.includes("BigInt");
  return isBigInt
    ? `${message}; the row has a bigint, as every long integer of a JSON input is: use stringifyJson(row) of @parallel-parrot/core`
    : message;
}

function isMessageLike(value: unknown): value is { readonly role: unknown; readonly content: string } {
  return isObject(value) && "role" in value && "content" in value && typeof value.content === "string";
}

function failed(index: number, reason: string, cause?: unknown): RenderError {
  return new RenderError("TEMPLATE_FAILED", `Cannot render the prompt${ofRow(index)}: ${reason}`, {
    cause,
  });
}
