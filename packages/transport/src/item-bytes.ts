import type { Completed, Failed, Message, Prompted } from "@parallel-parrot/core";

/** What an item takes besides its texts. */
const ITEM_BYTES = 1024;

/** Bytes of an item, about; a character takes two at most. An answer comes on top of what its prompt had. */
export function itemBytes(item: Prompted | Completed | Failed, before?: number): number {
  let characters = 0;
  if ("completion" in item)
    for (const { text, thoughts = "" } of item.completion.choices)
      characters += text.length + thoughts.length;
  if (before !== undefined) return before + 2 * characters;
  for (const cell of Object.values(item.row)) characters += typeof cell === "string" ? cell.length : 0;
  if ("prompt" in item) for (const message of item.prompt.messages) characters += charactersOf(message);
  return ITEM_BYTES + 2 * characters;
}

function charactersOf({ content, images }: Message): number {
  let characters = content.length;
  if (images !== undefined)
    for (const image of images) characters += ("url" in image ? image.url : image.data).length;
  return characters;
}
