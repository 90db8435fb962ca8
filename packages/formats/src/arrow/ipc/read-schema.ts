import type { FlatTable } from "./flatbuffer-reader.ts";
import {
  UNITS,
  type ArrowDictionary,
  type ArrowField,
  type ArrowSchema,
  type ArrowType,
  type ArrowUnit,
} from "./arrow-field.ts";

/** Types in types, more of which are a file that is damaged. */
const MAX_DEPTH = 64;

/** As many zeros as a decimal may have before or behind its digits. */
const MAX_SCALE = 1000;
/** Members of a union, more than which its numbers of 8 bits cannot tell apart. */
const MAX_MEMBERS = 128;

/** What a message or a footer says of the columns. Throws where it says what nobody can read. */
export function readSchema(table: FlatTable): ArrowSchema {
  if (table.short(0) !== 0)
    throw new RangeError("its numbers have their high bytes first, which cannot be read");
  return {
    fields: table.tables(1).map((field) => readField(field, 0)),
    metadata: readMetadata(table.tables(2)),
  };
}

function readField(table: FlatTable, depth: number): ArrowField {
  if (depth > MAX_DEPTH) throw new RangeError("its types lie too deep in each other");
  const name = table.text(0) ?? "";
  return {
    name,
    nullable: table.byte(1) !== 0,
    type: readType(table.byte(2), table.table(3), name),
    dictionary: readDictionary(table.table(4)),
    children: table.tables(5).map((child) => readField(child, depth + 1)),
    metadata: readMetadata(table.tables(6)),
  };
}

function readMetadata(pairs: readonly FlatTable[]): ReadonlyMap<string, string> {
  return new Map(pairs.map((pair) => [pair.text(0) ?? "", pair.text(1) ?? ""]));
}

function readDictionary(table: FlatTable | undefined): ArrowDictionary | undefined {
  if (table === undefined) return undefined;
  const index = table.table(1);
  const bits = index?.int(0) ?? 32;
  const signed = index === undefined || index.byte(1) !== 0;
  if (![8, 16, 32, 64].includes(bits)) throw new RangeError("a dictionary has places of a wrong length");
  return { id: table.long(0), index: { type: "int", bits, signed }, ordered: table.byte(2) !== 0 };
}

/** The types by their numbers. */
const READERS: readonly (((table: FlatTable) => ArrowType) | undefined)[] = [
  undefined,
  () => ({ type: "null" }),
  (table) => ({ type: "int", bits: table.int(0), signed: table.byte(1) !== 0 }),
  (table) => ({ type: "float", bits: table.short(0) === 0 ? 16 : table.short(0) === 1 ? 32 : 64 }),
  () => ({ type: "binary", large: false }),
  () => ({ type: "utf8", large: false }),
  () => ({ type: "bool" }),
  (table) => ({ type: "decimal", precision: table.int(0), scale: table.int(1), bits: table.int(2, 128) }),
  (table) => ({ type: "date", unit: table.short(0, 1) === 0 ? "days" : "millis" }),
  (table) => ({ type: "time", unit: unitOf(table.short(0, 1)), bits: table.int(1, 32) }),
  (table) => ({ type: "timestamp", unit: unitOf(table.short(0)), zone: table.text(1) || undefined }),
  (table) => ({ type: "interval", unit: (["months", "days", "nanos"] as const)[table.short(0)] ?? "nanos" }),
  () => ({ type: "list", large: false }),
  () => ({ type: "struct" }),
  (table) => ({ type: "union", dense: table.short(0) === 1, typeIds: table.ints(1) }),
  (table) => ({ type: "fixedBinary", bytes: table.int(0) }),
  (table) => ({ type: "fixedList", items: table.int(0) }),
  (table) => ({ type: "map", keysSorted: table.byte(0) !== 0 }),
  (table) => ({ type: "duration", unit: unitOf(table.short(0, 1)) }),
  () => ({ type: "binary", large: true }),
  () => ({ type: "utf8", large: true }),
  () => ({ type: "list", large: true }),
  () => ({ type: "runs" }),
  () => ({ type: "binaryView" }),
  () => ({ type: "utf8View" }),
  () => ({ type: "listView", large: false }),
  () => ({ type: "listView", large: true }),
];

function readType(number: number, table: FlatTable | undefined, name: string): ArrowType {
  const read = READERS[number];
  if (read === undefined || table === undefined)
    throw new RangeError(`column "${name}" has a type that is not known here (number ${number})`);
  const type = read(table);
  if (!isPossible(type)) throw new RangeError(`column "${name}" has a type that is not of Arrow`);
  return type;
}

/** Whether the numbers of a type are those that the format allows. They decide how much is read for a cell. */
function isPossible(type: ArrowType): boolean {
  switch (type.type) {
    case "int":
      return [8, 16, 32, 64].includes(type.bits);
    case "decimal":
      return [32, 64, 128, 256].includes(type.bits) && Math.abs(type.scale) <= MAX_SCALE;
    case "time":
      return [32, 64].includes(type.bits);
    case "fixedBinary":
      return type.bytes >= 0;
    case "fixedList":
      return type.items >= 0;
    case "union":
      return type.typeIds.length <= MAX_MEMBERS;
    case "null":
    case "bool":
    case "struct":
    case "runs":
    case "float":
    case "binary":
    case "utf8":
    case "list":
    case "listView":
    case "binaryView":
    case "utf8View":
    case "date":
    case "timestamp":
    case "interval":
    case "duration":
    case "map":
    default:
      return true;
  }
}

function unitOf(number: number): ArrowUnit {
  return UNITS[number] ?? "nanos";
}
