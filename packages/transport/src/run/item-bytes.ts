import {
  isObject,
  type Completed,
  type Failed,
  type Message,
  type Prompted,
  type Row,
} from "@parallel-parrot/core";

/** Bytes that an item takes besides its texts. */
const ITEM_BYTES = 1024;

/**
 * About how many bytes an item takes in memory; a character takes two at most.
 *
 * @param before what the item took before it was answered: then only the answer is added
 */
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
    for (const cell of Object.values(row)) {
      if (typeof cell === "string") characters += cell.length;
      else if (isObject(cell)) characters += charactersOfValue(cell);
    }
  } catch {
    // A cell that throws when it is read fails its row where it is needed.
  }
  return characters;
}

/** How many characters a value in a list or object counts for, and a list or object by itself. */
const VALUE_CHARACTERS = 8;
const CONTAINER_CHARACTERS = 32;
/** The most values of one cell that are counted. A larger one takes the whole window anyway. */
const MAX_VALUES = 1_000_000;

/** About how many characters the lists and objects in a cell count for. */
function charactersOfValue(cell: object): number {
  let characters = 0;
  let values = 0;
  const open: object[] = [cell];
  for (let next = open.pop(); next !== undefined && values < MAX_VALUES; next = open.pop()) {
    characters += CONTAINER_CHARACTERS;
    if (ArrayBuffer.isView(next)) characters += next.byteLength;
    else
      for (const value of Object.values(next) as unknown[]) {
        values += 1;
        characters += typeof value === "string" ? value.length : VALUE_CHARACTERS;
        if (isObject(value)) open.push(value);
      }
  }
  return characters;
}

function charactersOf({ content, images }: Message): number {
  let characters = content.length;
  if (images !== undefined)
    for (const image of images) characters += ("url" in image ? image.url : image.data).length;
  return characters;
}
