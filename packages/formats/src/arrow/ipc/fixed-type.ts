import type { ArrowType } from "./arrow-field.ts";

const NAMES = [
  "int",
  "float",
  "decimal",
  "date",
  "time",
  "timestamp",
  "interval",
  "duration",
  "fixedBinary",
] as const;

/** A type whose cells all take the same bytes. */
export type FixedType = Extract<ArrowType, { readonly type: (typeof NAMES)[number] }>;

const FIXED: ReadonlySet<ArrowType["type"]> = new Set(NAMES);

export function isFixed(type: ArrowType): type is FixedType {
  return FIXED.has(type.type);
}

/** How many bytes a cell takes. */
export function widthOf(type: FixedType): number {
  switch (type.type) {
    case "int":
    case "float":
    case "decimal":
    case "time":
      return type.bits / 8;
    case "date":
      return type.unit === "days" ? 4 : 8;
    case "timestamp":
    case "duration":
      return 8;
    case "interval":
      return { months: 4, days: 8, nanos: 16 }[type.unit];
    case "fixedBinary":
    default:
      return type.bytes;
  }
}
