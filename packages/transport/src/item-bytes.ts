import type { Completed, Failed, Message, Prompted, Row } from "@parallel-parrot/core";

/** What an item takes besides its texts. */
const ITEM_BYTES = 1024;

/** Bytes of an item, about; a character takes two at most. An answer comes on top of what its prompt had. */
export function itemBytes(item: Prompted | Completed | Failed, before?: number): number {
  let characters = 0;
  if ("completion" in item)
    for (const { text, thoughts = "" } of item.completion.choices)
      characters += text.length + thoughts.length;
  if (before !== undefined) return before + 2 * characters;
  characters += charactersOfRow(item.row);
  if ("prompt" in item) for (const message of item.prompt.messages) characters += charactersOf(message);
  return ITEM_BYTES + 2 * characters;
}

function charactersOfRow(row: Row): number {
  let characters = 0;
  try {
    for (const cell of Object.values(row)) characters += typeof cell === "string" ? cell.length : 0;
  } catch {
    // A cell that throws fails its row where it is needed.
  }
  return characters;
}

function charactersOf({ content, images }: Message): number {
  let characters = content.length;
  if (images !== undefined)
    for (const image of images) characters += ("url" in image ? image.url : image.data).length;
  return characters;
}
