import { setCell, type Row } from "@parallel-parrot/core";
import { jsonCell, utf8Text, uuidText } from "../../columns/cell-values.ts";
import { jsonNumbers, type CellNumbers } from "../../source/long-numbers.ts";
import { bitAt, bytesOf, numbersOf, offsetsOf, runAt, type ArrowArray } from "../ipc/arrow-array.ts";
import type { ArrowField, ArrowType } from "../ipc/arrow-field.ts";
import { isFixed } from "../ipc/fixed-type.ts";
import { EXTENSION } from "./column-type-of.ts";
import { numberCells, type CellAt } from "./number-cells.ts";
import type { RowAllowance } from "./row-allowance.ts";

/** What cells are read with. */
export interface CellContext extends CellNumbers {
  /** Is told of all that a row takes, before it is read. */
  readonly allowance: RowAllowance;
}

/** What gives the cells of an array, with all of their digits. */
export function cellsOf(field: ArrowField, array: ArrowArray, context: CellContext): CellAt {
  const present = presentCells(field, array, context);
  const { nullBitmap, offset } = array;
  if (nullBitmap.length === 0) return present;
  return (place) => (bitAt(nullBitmap, offset + place) ? present(place) : null);
}

function presentCells(field: ArrowField, array: ArrowArray, context: CellContext): CellAt {
  if (field.dictionary !== undefined) return dictionaryCells(field, array, context);
  const { type } = field;
  if (type.type === "fixedBinary") return bytesCells(field, fixedBytes(type.bytes, array), context);
  if (isFixed(type)) return numberCells(type, array, context.longNumbers);
  switch (type.type) {
    case "null":
      return () => null;
    case "bool": {
      const bits = bytesOf(array.values);
      return (place) => bitAt(bits, array.offset + place);
    }
    case "binary":
    case "utf8":
    case "binaryView":
    case "utf8View":
      return bytesCells(field, bytesReader(type, array), context);
    case "list":
    case "listView":
    case "fixedList":
      return listCells(field, array, context);
    case "map":
      return mapCells(field, array, context);
    case "struct":
      return structCells(field, array, context);
    case "union":
      return unionCells(field, type, array, context);
    case "runs":
    default:
      return runCells(field, array, context);
  }
}

function fixedBytes(width: number, array: ArrowArray): (place: number) => Uint8Array {
  const bytes = bytesOf(array.values);
  return (place) => bytes.subarray(place * width, (place + 1) * width);
}

/** What gives the bytes of texts and of bytes. */
function bytesReader(
  type: Extract<ArrowType, { readonly type: "binary" | "utf8" | "binaryView" | "utf8View" }>,
  array: ArrowArray,
): (place: number) => Uint8Array {
  const bytes = bytesOf(array.values);
  if (type.type === "binary" || type.type === "utf8") {
    const offset = offsetsOf(array, type.large);
    return (place) => slice(bytes, offset(place), offset(place + 1));
  }
  const views = numbersOf(array.values, Int32Array);
  return (place) => {
    const length = views[4 * place] ?? 0;
    // Short ones lie in the view itself.
    if (length <= 12) return slice(bytes, 16 * place + 4, 16 * place + 4 + length);
    const start = views[4 * place + 3] ?? 0;
    return slice(
      array.variadicBuffers?.[views[4 * place + 2] ?? 0] ?? new Uint8Array(),
      start,
      start + length,
    );
  };
}

function slice(bytes: Uint8Array, start: number, end: number): Uint8Array {
  if (start < 0 || end < start || end > bytes.length)
    throw new RangeError("a cell lies outside of its column");
  return bytes.subarray(start, end);
}

function bytesCells(
  { type, metadata }: ArrowField,
  bytesAt: (place: number) => Uint8Array,
  { longNumbers, notes, allowance }: CellContext,
): CellAt {
  const read = (place: number): Uint8Array => {
    const bytes = bytesAt(place);
    allowance.addBytes(bytes.length);
    return bytes;
  };
  const extension = metadata.get(EXTENSION);
  if (type.type === "fixedBinary" && type.bytes === 16 && extension === "arrow.uuid")
    return (place) => uuidText(read(place));
  // A copy, as the bytes are a view of the whole batch.
  if (type.type !== "utf8" && type.type !== "utf8View") return (place) => Uint8Array.from(read(place));
  if (extension !== "arrow.json") return (place) => utf8Text(read(place));
  const options = jsonNumbers(longNumbers, notes);
  return (place) => jsonCell(utf8Text(read(place)), options);
}

/** Where the items of each list begin and end. */
function rangesOf(
  type: ArrowType,
  array: ArrowArray,
): (place: number) => readonly [start: number, end: number] {
  if (type.type === "fixedList") return (place) => [place * type.items, (place + 1) * type.items];
  if (type.type === "listView") {
    const start = offsetsOf(array, type.large);
    const size = offsetsOf({ ...array, valueOffsets: array.sizes }, type.large);
    return (place) => [start(place), start(place) + size(place)];
  }
  const offset = offsetsOf(array, type.type === "list" && type.large);
  return (place) => [offset(place), offset(place + 1)];
}

function listCells(field: ArrowField, array: ArrowArray, context: CellContext): CellAt {
  const [[child, items], range] = [childOf(field, array, 0), rangesOf(field.type, array)];
  const cell = cellsOf(child, items, context);
  return (place) => {
    const [start, end] = requireRange(range(place), items);
    context.allowance.addValues(end - start);
    const list: unknown[] = [];
    for (let item = start; item < end; item += 1) list.push(cell(item));
    return list;
  };
}

/** An object where the keys are texts, otherwise a list of pairs. */
function mapCells(field: ArrowField, array: ArrowArray, context: CellContext): CellAt {
  const [[entries, pairs], range] = [childOf(field, array, 0), rangesOf(field.type, array)];
  const [[keys, keyArray], [values, valueArray]] = [childOf(entries, pairs, 0), childOf(entries, pairs, 1)];
  const [key, value] = [cellsOf(keys, keyArray, context), cellsOf(values, valueArray, context)];
  const hasTextKeys = keys.type.type === "utf8" || keys.type.type === "utf8View";
  return (place) => {
    const [start, end] = requireRange(range(place), pairs);
    context.allowance.addValues(2 * (end - start));
    const map: Row = {};
    const list: unknown[] = [];
    for (let item = start; item < end; item += 1) {
      if (hasTextKeys) setCell(map, String(key(item)), value(item));
      else list.push([key(item), value(item)]);
    }
    return hasTextKeys ? map : list;
  };
}

function structCells(field: ArrowField, array: ArrowArray, context: CellContext): CellAt {
  const members = field.children.map((child, place) => {
    const [, values] = childOf(field, array, place);
    if (values.length < array.length) throw new RangeError(`member "${child.name}" is too short`);
    return [child.name, cellsOf(child, values, context)] as const;
  });
  return (place) => {
    context.allowance.addValues(members.length);
    const struct: Row = {};
    for (const [name, cell] of members) setCell(struct, name, cell(place));
    return struct;
  };
}

function unionCells(
  field: ArrowField,
  { dense, typeIds }: Extract<ArrowType, { readonly type: "union" }>,
  array: ArrowArray,
  context: CellContext,
): CellAt {
  const kinds = numbersOf(array.typeIds, Int8Array);
  const offsets = numbersOf(array.valueOffsets, Int32Array);
  const members = field.children.map((child, place) => {
    const [, values] = childOf(field, array, place);
    return { values, cell: cellsOf(child, values, context) };
  });
  return (place) => {
    const kind = kinds[place] ?? 0;
    const member = members[typeIds.length === 0 ? kind : typeIds.indexOf(kind)];
    const item = dense ? (offsets[place] ?? 0) : place;
    if (member === undefined || item >= member.values.length)
      throw new RangeError("a cell lies outside of its union");
    return member.cell(item);
  };
}

function runCells(field: ArrowField, array: ArrowArray, context: CellContext): CellAt {
  const [[endField, endArray], [valueField, values]] = [childOf(field, array, 0), childOf(field, array, 1)];
  const end = cellsOf(endField, endArray, context);
  const cell = cellsOf(valueField, values, context);
  return (place) => {
    const run = runAt(endArray.length, (each) => Number(end(each)), place + array.offset);
    if (run >= values.length) throw new RangeError("a cell lies outside of its column");
    return cell(run);
  };
}

function dictionaryCells(field: ArrowField, array: ArrowArray, context: CellContext): CellAt {
  const index = field.dictionary?.index;
  const reference = numberCells(index ?? { type: "int", bits: 32, signed: true }, array, "bigint");
  const parts = array.dictionary?.data ?? [];
  // Made when it is needed: dictionaries of many parts that lie in each other have more ways through them than atoms.
  const cells: CellAt[] = [];
  const own = { ...field, dictionary: undefined };
  const texts: string[] = [];
  return (place) => {
    const at = Number(reference(place));
    const known = texts[at];
    if (known !== undefined) return known;
    let item = at;
    for (const [part, values] of parts.entries()) {
      if (item >= 0 && item < values.length) {
        const cell = (cells[part] ??= cellsOf(own, values, context));
        const found = cell(item);
        if (typeof found === "string") texts[at] = found;
        return found;
      }
      item -= values.length;
    }
    throw new RangeError("a cell lies outside of its dictionary");
  };
}

function childOf(field: ArrowField, array: ArrowArray, place: number): readonly [ArrowField, ArrowArray] {
  const [child, values] = [field.children[place], array.children[place]];
  if (child === undefined || values === undefined)
    throw new RangeError(`column "${field.name}" lacks its items`);
  return [child, values];
}

function requireRange(
  range: readonly [start: number, end: number],
  items: ArrowArray,
): readonly [number, number] {
  const [start, end] = range;
  if (start < 0 || end < start || end > items.length)
    throw new RangeError("a list lies outside of its column");
  return range;
}
