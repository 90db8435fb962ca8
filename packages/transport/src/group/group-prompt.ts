import type { Message, Prompt } from "@parallel-parrot/core";

/** A prompt, with what other rows may have in the same words apart from what is this row's own. */
export interface SplitPrompt {
  /** The messages before the last one. */
  readonly before: readonly Message[];
  /** The beginning of the last message. */
  readonly beginning: string;
  /** The rest of the last message. */
  readonly text: string;
  readonly prefix: Prompt["prefix"];
}

/** A row in a group: its id there, and its own text. */
export interface GroupedText {
  readonly id: string;
  readonly text: string;
}

/** Splits a prompt; `undefined` for one that cannot be asked beside others: with images, or an answer begun already. */
export function splitPrompt({ messages, prefix }: Prompt): SplitPrompt | undefined {
  const last = messages.at(-1);
  const hasImages = messages.some(({ images = [] }) => images.length > 0);
  if (last?.role !== "user" || hasImages) return undefined;
  const at = messages.length - 1;
  const shared = prefix?.messages === at ? prefix.characters : 0;
  return {
    before: messages.slice(0, -1),
    beginning: last.content.slice(0, shared),
    text: last.content.slice(shared),
    prefix,
  };
}

/** Whether two prompts differ in their rows' own texts alone. */
export function isAlike(one: SplitPrompt, other: SplitPrompt): boolean {
  return (
    one.beginning === other.beginning &&
    one.before.length === other.before.length &&
    one.before.every(({ role, content }, at) => {
      const message = other.before[at];
      return message?.role === role && message.content === content;
    })
  );
}

/**
 * The prompt that asks for several rows: what they share, and then each row's text between two lines with its id, which
 * no text can have in it.
 */
export function groupPrompt(shared: SplitPrompt, texts: readonly GroupedText[]): Prompt {
  const { before, beginning, prefix } = shared;
  const requests = texts.map(({ id, text }) => `<request id="${id}">\n${text}\n</request id="${id}">`);
  const content = [beginning, introduce(texts.length, beginning !== ""), ...requests]
    .filter((part) => part !== "")
    .join("\n\n");
  const messages: readonly Message[] = [...before, { role: "user", content }];
  return { messages, ...(prefix !== undefined && { prefix }) };
}

function introduce(count: number, hasBeginning: boolean): string {
  const sentences = [
    `Here are ${count} separate requests, each between two lines with its id.`,
    hasBeginning ? "Each goes on from the text above, as if it stood right behind it." : "",
    "Answer each of them as if it had come alone: what one request says has nothing to do with the others.",
    "Give one answer for each id, and write every id exactly as it stands there.",
  ];
  return sentences.filter((sentence) => sentence !== "").join(" ");
}
