import type { Message, PromptPrefix } from "@parallel-parrot/core";

/** What the prefix of a prompt follows from. */
export interface PrefixTurn {
  readonly role: Message["role"];
  /** The text before the first place that a row fills. */
  readonly beginning: string;
  /** Whether every row has the message in the same words. */
  readonly isConstant: boolean;
}

/** How much of a conversation every row has in the same words; `undefined` where it begins with what a row fills. */
export function prefixOf(turns: readonly PrefixTurn[]): PromptPrefix | undefined {
  const [first] = turns;
  // A system message without words is left out of every prompt.
  const kept = first?.role === "system" && first.isConstant && isBlank(first) ? turns.slice(1) : turns;
  // One that may be blank is left out of some of them.
  if (kept[0]?.role === "system" && !kept[0].isConstant && isBlank(kept[0])) return undefined;
  const end = kept.findIndex(({ isConstant }) => !isConstant);
  const messages = end === -1 ? kept.length : end;
  const characters = kept[messages]?.beginning.length ?? 0;
  return messages + characters === 0 ? undefined : Object.freeze({ messages, characters });
}

function isBlank({ beginning }: PrefixTurn): boolean {
  return beginning.trim() === "";
}
