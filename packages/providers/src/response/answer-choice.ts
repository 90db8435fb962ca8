import { stringifyJson, type Choice } from "@parallel-parrot/core";
import { finishReasonOf } from "./finish-reason.ts";

/** What a response tells about one choice, in the words of its API. */
export interface AnswerParts {
  readonly text: string;
  /** The API's own word for why the model stopped. */
  readonly reason: unknown;
  /** The model's thoughts, if the API tells them. */
  readonly thoughts?: string;
  readonly calls?: readonly ToolCall[];
}

/** A tool call. Its arguments are a JSON text, or a value that has every number as it was written. */
export interface ToolCall {
  readonly name: string;
  readonly arguments: unknown;
}

/**
 * Makes a choice. If the model called tools, their arguments are the answer, one line for each call, because some
 * models and servers give JSON only as arguments of a tool.
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
