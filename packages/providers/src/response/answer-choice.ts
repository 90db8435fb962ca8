import { stringifyJson, type Choice } from "@parallel-parrot/core";
import { finishReasonOf } from "./finish-reason.ts";

/** What a response says of one choice, in the words of its API. */
export interface AnswerParts {
  readonly text: string;
  /** The API's own word for why the model stopped. */
  readonly reason: unknown;
  /** What the model thought, where the API gives it apart. */
  readonly thoughts?: string;
  readonly calls?: readonly ToolCall[];
}

/** The call of a tool: its arguments as JSON text, or as a value with every number as it was written. */
export interface ToolCall {
  readonly name: string;
  readonly arguments: unknown;
}

/**
 * A choice. Where the model has called tools, their arguments are the answer, in a line each: a tool is how some
 * models and servers are held to JSON.
 */
export function answerChoice({ text, reason, thoughts = "", calls = [] }: AnswerParts): Choice {
  const [call] = calls;
  return {
    text: call === undefined ? text : calls.map(argumentsOf).join("\n"),
    finishReason: finishReasonOf(reason, call !== undefined),
    ...(thoughts === "" ? {} : { thoughts }),
    ...(call === undefined ? {} : { toolCall: call.name }),
  };
}

function argumentsOf({ arguments: given }: ToolCall): string {
  return typeof given === "string" ? given : (stringifyJson(given ?? {}) ?? "");
}
