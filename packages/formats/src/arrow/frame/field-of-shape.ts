import { isObject } from "@parallel-parrot/core";
import { UNITS, type ArrowField, type ArrowType, type ArrowUnit } from "../ipc/arrow-field.ts";

/** A field as apache-arrow has it. */
interface FieldShape {
  readonly name: string;
  readonly nullable: boolean;
  readonly type: TypeShape;
  readonly metadata: ReadonlyMap<string, string>;
}

/** A type as apache-arrow has it: its number, and what else it has by that. */
interface TypeShape {
  readonly typeId: number;
  readonly children?: readonly unknown[];
  readonly [property: string]: unknown;
}

const DICTIONARY = -1;

/** A field of a table of apache-arrow in our words. */
export function fieldOfShape(field: unknown): ArrowField {
  const { name, nullable, type, metadata } = shapeOf(field);
  if (type.typeId !== DICTIONARY)
    return {
      name,
      nullable,
      type: typeOfShape(type),
      children: childrenOf(type),
      dictionary: undefined,
      metadata,
    };
  const [values, index] = [type["dictionary"] as TypeShape, typeOfShape(type["indices"] as TypeShape)];
  if (index.type !== "int") throw new TypeError(`column "${name}" has a dictionary without integers`);
  return {
    name,
    nullable,
    type: typeOfShape(values),
    children: childrenOf(values),
    dictionary: {
      id: Number(type["id"]),
      index: { ...index, type: "int" },
      ordered: type["isOrdered"] === true,
    },
    metadata,
  };
}

function shapeOf(field: unknown): FieldShape {
  if (isObject(field) && "type" in field && isObject(field.type) && "typeId" in field.type)
    return field as FieldShape;
  throw new TypeError("a column of the table has no type");
}

function childrenOf({ children }: TypeShape): readonly ArrowField[] {
  return (children ?? []).map((child) => fieldOfShape(child));
}

function typeOfShape(shape: TypeShape): ArrowType {
  const number = (property: string, otherwise = 0): number => Number(shape[property] ?? otherwise);
  const unit = (): ArrowUnit => UNITS[number("unit")] ?? "nanos";
  switch (shape.typeId) {
    case 1:
      return { type: "null" };
    case 2:
      return { type: "int", bits: number("bitWidth"), signed: shape["isSigned"] === true };
    case 3:
      return { type: "float", bits: ([16, 32, 64] as const)[number("precision")] ?? 64 };
    case 4:
    case 19:
      return { type: "binary", large: shape.typeId === 19 };
    case 5:
    case 20:
      return { type: "utf8", large: shape.typeId === 20 };
    case 6:
      return { type: "bool" };
    case 7:
      return {
        type: "decimal",
        precision: number("precision"),
        scale: number("scale"),
        bits: number("bitWidth", 128),
      };
    case 8:
      return { type: "date", unit: number("unit") === 0 ? "days" : "millis" };
    case 9:
      return { type: "time", unit: unit(), bits: number("bitWidth") };
    case 10: {
      const zone = shape["timezone"];
      return {
        type: "timestamp",
        unit: unit(),
        zone: typeof zone === "string" && zone !== "" ? zone : undefined,
      };
    }
    case 11:
      return { type: "interval", unit: (["months", "days", "nanos"] as const)[number("unit")] ?? "nanos" };
    case 12:
    case 21:
      return { type: "list", large: shape.typeId === 21 };
    case 13:
      return { type: "struct" };
    case 14: {
      const typeIds = Array.from((shape["typeIds"] ?? []) as Iterable<number>);
      return { type: "union", dense: number("mode") === 1, typeIds };
    }
    case 15:
      return { type: "fixedBinary", bytes: number("byteWidth") };
    case 16:
      return { type: "fixedList", items: number("listSize") };
    case 17:
      return { type: "map", keysSorted: shape["keysSorted"] === true };
    case 18:
      return { type: "duration", unit: unit() };
    case 23:
      return { type: "binaryView" };
    case 24:
      return { type: "utf8View" };
    default:
      throw new TypeError(`a column has a type that is not known here (number ${shape.typeId})`);
  }
}
