import {
  UNITS,
  type ArrowDictionary,
  type ArrowField,
  type ArrowSchema,
  type ArrowType,
} from "./arrow-field.ts";
import { byte, int, long, ref, short, type FlatField, type FlatNode } from "./flatbuffer-writer.ts";

/** A schema as it stands in messages and in the footer. */
export function schemaNode({ fields, metadata }: ArrowSchema): FlatNode {
  return { table: [short(0), ref({ vector: fields.map(fieldNode) }), metadataField(metadata)] };
}

function fieldNode({ name, nullable, type, children, dictionary, metadata }: ArrowField): FlatNode {
  const [number, ...details] = typeFields(type);
  return {
    table: [
      ref({ text: name }),
      byte(nullable ? 1 : 0),
      byte(number),
      ref({ table: details }),
      dictionary === undefined ? undefined : ref(dictionaryNode(dictionary)),
      ref({ vector: children.map(fieldNode) }),
      metadataField(metadata),
    ],
  };
}

function dictionaryNode({ id, index, ordered }: ArrowDictionary): FlatNode {
  const [, ...details] = typeFields(index);
  return { table: [long(id), ref({ table: details }), byte(ordered ? 1 : 0)] };
}

function metadataField(metadata: ReadonlyMap<string, string>): FlatField {
  if (metadata.size === 0) return undefined;
  const pairs = [...metadata].map(([key, value]): FlatNode => ({
    table: [ref({ text: key }), ref({ text: value })],
  }));
  return ref({ vector: pairs });
}

/** The number of a type, and what its table says. */
function typeFields(type: ArrowType): readonly [number: number, ...details: readonly FlatField[]] {
  switch (type.type) {
    case "null":
      return [1];
    case "int":
      return [2, int(type.bits), byte(type.signed ? 1 : 0)];
    case "float":
      return [3, short([16, 32, 64].indexOf(type.bits))];
    case "binary":
      return [type.large ? 19 : 4];
    case "utf8":
      return [type.large ? 20 : 5];
    case "bool":
      return [6];
    case "decimal":
      return [7, int(type.precision), int(type.scale), int(type.bits)];
    case "date":
      return [8, short(type.unit === "days" ? 0 : 1)];
    case "time":
      return [9, short(UNITS.indexOf(type.unit)), int(type.bits)];
    case "timestamp":
      return [
        10,
        short(UNITS.indexOf(type.unit)),
        type.zone === undefined ? undefined : ref({ text: type.zone }),
      ];
    case "interval":
      return [11, short(["months", "days", "nanos"].indexOf(type.unit))];
    case "list":
      return [type.large ? 21 : 12];
    case "struct":
      return [13];
    case "union":
      return [
        14,
        short(type.dense ? 1 : 0),
        ref({ structs: int32Bytes(type.typeIds), count: type.typeIds.length }),
      ];
    case "fixedBinary":
      return [15, int(type.bytes)];
    case "fixedList":
      return [16, int(type.items)];
    case "map":
      return [17, byte(type.keysSorted ? 1 : 0)];
    case "duration":
      return [18, short(UNITS.indexOf(type.unit))];
    case "runs":
      return [22];
    case "binaryView":
      return [23];
    case "utf8View":
      return [24];
    case "listView":
    default:
      return [type.large ? 26 : 25];
  }
}

function int32Bytes(numbers: readonly number[]): Uint8Array {
  return new Uint8Array(Int32Array.from(numbers).buffer);
}
