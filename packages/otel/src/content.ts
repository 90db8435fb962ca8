import type { Choice, Message } from "@parallel-parrot/core";

/** The messages of a prompt but the system's, as the conventions write them: JSON in one text. */
export function inputMessages(messages: readonly Message[]): string {
  return JSON.stringify(
    messages
      .filter(({ role }) => role !== "system")
      .map(({ role, content, images = [] }) => ({
        role,
        // Images may have megabytes: that there was one is told, and not what it shows.
        parts: [textPart(content), ...images.map(() => ({ type: "image" }))],
      })),
  );
}

/** The system messages; `undefined` where there are none. */
export function systemInstructions(messages: readonly Message[]): string | undefined {
  const parts = messages.filter(({ role }) => role === "system").map(({ content }) => textPart(content));
  return parts.length === 0 ? undefined : JSON.stringify(parts);
}

export function outputMessages(choices: readonly Choice[]): string {
  return JSON.stringify(
    choices.map(({ text, finishReason }) => ({
      role: "assistant",
      parts: [textPart(text)],
      finish_reason: finishReason,
    })),
  );
}

function textPart(content: string): { readonly type: "text"; readonly content: string } {
  return { type: "text", content };
}
