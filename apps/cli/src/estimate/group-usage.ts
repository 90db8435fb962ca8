import type { Prompt, Usage } from "@parallel-parrot/core";

/** About what asking several rows at a time adds, in tokens: to a request, and to each row of it. */
const INTRODUCTION = 80;
const MARKS = 20;
const ANSWER = 11;

/** Whether rows with such prompts can be asked together: where they differ in the last message alone. */
export function canBeGrouped({ messages, prefix }: Prompt): boolean {
  return messages.length === 1 || (prefix?.messages ?? 0) >= messages.length - 1;
}

/**
 * What a row takes in a full request for several.
 *
 * @param alone what it takes in a request of its own
 * @param shared tokens of the prompt that all rows share
 */
export function usageInGroup(alone: Usage, shared: number, rowsPerRequest: number): Usage {
  const { requests, inputTokens, outputTokens } = alone;
  return {
    ...alone,
    requests: requests / rowsPerRequest,
    inputTokens: inputTokens - shared + MARKS + (shared + INTRODUCTION) / rowsPerRequest,
    outputTokens: outputTokens === 0 ? 0 : outputTokens + ANSWER,
  };
}
