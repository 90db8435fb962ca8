import type { Choice } from "@parallel-parrot/core";
import { splitThoughts } from "../thoughts/split-thoughts.ts";

/** A choice whose text is the answer alone. */
export interface Answer extends Choice {
  /** All that is known of what the model thought; empty where there is nothing. */
  readonly thoughts: string;
}

/** A choice with its thoughts apart, be they in its text or given by the API. */
export function answerOf(choice: Choice): Answer {
  // The arguments of a tool call are not prose.
  const split = choice.toolCall === undefined ? splitThoughts(choice.text) : undefined;
  const thoughts = [choice.thoughts, split?.thoughts].filter((part) => part !== undefined && part !== "");
  return { ...choice, text: split?.answer ?? choice.text, thoughts: thoughts.join("\n\n") };
}
