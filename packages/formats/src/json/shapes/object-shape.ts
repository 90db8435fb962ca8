import type { JsonReading } from "./json-reading.ts";
import { ObjectReader } from "./object-reader.ts";
import { ValueReader } from "./value-reader.ts";

/** What the only object of an input, or one that is too long for a row, holds. */
export type ObjectShape =
  /** One row. */
  | { readonly kind: "row" }
  /** The rows, as the elements of one list. */
  | { readonly kind: "records"; readonly key: string }
  /** Several lists that could be the rows. */
  | { readonly kind: "several"; readonly keys: readonly string[] }
  /** A data frame as pandas writes it by `orient="split"`, and by `orient="columns"`. */
  | { readonly kind: "split" }
  | { readonly kind: "columns" };

interface Member {
  readonly key: string;
  /** How its value begins. */
  head: string;
}

/** So much of each value is looked at. */
const HEAD_LENGTH = 256;

/** Finds what an object holds by how its members begin; the text may end anywhere in it. */
export function shapeOfObject(reading: JsonReading, text: string): ObjectShape {
  const members: Member[] = [];
  const outline = new ObjectReader(reading.again(), (key) => {
    const member: Member = { key, head: "" };
    members.push(member);
    return new ValueReader(reading.again(), "a value", {
      piece(piece) {
        if (member.head.length < HEAD_LENGTH) member.head += piece.slice(0, HEAD_LENGTH);
      },
    });
  });
  try {
    outline.write(text, 0, []);
  } catch {
    // What is wrong with it is told of the row.
    return { kind: "row" };
  }
  return shapeOf(members);
}

function shapeOf(members: readonly Member[]): ObjectShape {
  const headOf = (name: string): string => members.find(({ key }) => key === name)?.head ?? "";
  const lists = members.filter(({ head }) => head.startsWith("["));
  if (isSplit(headOf("columns"), headOf("data"), headOf("index"))) return { kind: "split" };
  if (isFrame(members)) return { kind: "columns" };
  const [records, ...others] = lists.filter(({ head }) => /^\[\s*\{/.test(head)).map(({ key }) => key);
  if (records !== undefined)
    return others.length === 0
      ? { kind: "records", key: records }
      : { kind: "several", keys: [records, ...others] };
  // A list of no objects: an answer without results.
  const [only] = lists;
  if (only !== undefined && lists.length === 1 && /^\[\s*\]/.test(only.head))
    return { kind: "records", key: only.key };
  return { kind: "row" };
}

/** The data may lie behind an index that is longer than what is looked at. */
function isSplit(columns: string, data: string, index: string): boolean {
  const isData = /^\[\s*(?:\[|\]|$)/.test(data) || (data === "" && index.startsWith("["));
  return /^\[\s*[^{\s]/.test(columns) && isData;
}

const FIRST_LABEL = /^\{\s*("-?\d+")\s*:/;

/** Whether each member is an object of cells whose first label is the same number. */
function isFrame(members: readonly Member[]): boolean {
  const labels = new Set(members.map(({ head }) => FIRST_LABEL.exec(head)?.[1]));
  return labels.size === 1 && !labels.has(undefined);
}
