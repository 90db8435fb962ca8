import {
  isObject,
  type Completed,
  type Failed,
  type Message,
  type Prompted,
  type Row,
} from "@parallel-parrot/core";

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
    for (const cell of Object.values(row)) {
      if (typeof cell === "string") characters += cell.length;
      else if (isObject(cell)) characters += charactersOfValue(cell);
    }
  } catch {
    // A cell that throws fails its row where it is needed.
  }
  return characters;
}

/** What a value takes in a list or object, and a list or object by itself, in characters. */
const VALUE_CHARACTERS = 8;
const CONTAINER_CHARACTERS = 32;
/** Values of one cell that are counted, at most: beyond, it takes the whole window anyway. */
const MAX_VALUES = 1_000_000;

/** What lists and plain objects in a cell take, about. */
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
