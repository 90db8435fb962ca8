import {
  cellText,
  clip,
  getCell,
  isPlainObject,
  isWrittenNumber,
  quote,
  setCell,
  stringifyJson,
  type Row,
} from "@parallel-parrot/core";
import { describeType, type ColumnType, type TimeUnit } from "./column-type.ts";
import { daysOf, timeOf, timestampOf } from "./time-text.ts";

/** Makes of a cell the value that is stored; `undefined` for null. Throws where the type has no such value. */
export type ToStored = (cell: unknown) => unknown;

/** What makes stored values of the cells of a column. A cell that the type cannot hold exactly is an error. */
export function toStored(type: ColumnType): ToStored {
  const toValue = valueMaker(type);
  return (cell) => (cell === null || cell === undefined ? undefined : toValue(cell));
}

function valueMaker(type: ColumnType): ToStored {
  const fail = (cell: unknown): never => unfit(cell, type);
  switch (type.type) {
    case "text":
      return cellText;
    case "json":
      return (cell) => Buffer.from(stringifyJson(cell) ?? "null");
    case "boolean":
      return (cell) => (typeof cell === "boolean" ? cell : fail(cell));
    case "integer":
      return integerMaker(type.bits, type.signed, fail);
    case "float":
      return (cell) => numberOf(cell) ?? fail(cell);
    case "decimal":
      return (cell) => decimalOf(cell, type) ?? fail(cell);
    case "uuid":
      return (cell) => uuidOf(cell) ?? fail(cell);
    case "bytes":
      return (cell) => (isBytesOf(cell, type.length) ? cell : fail(cell));
    case "date":
      return (cell) => daysOfCell(cell) ?? fail(cell);
    case "time":
      return (cell) => {
        const units = typeof cell === "string" ? (timeOf(cell, type.unit) ?? unitsOf(cell)) : undefined;
        const bits = type.unit === "seconds" || type.unit === "millis" ? 32 : 64;
        if (units === undefined || BigInt.asIntN(bits, units) !== units) return fail(cell);
        return bits === 32 ? Number(units) : units;
      };
    case "timestamp":
      return (cell) => momentOf(cell, type.unit) ?? fail(cell);
    case "list":
      return listMaker(toStored(type.of), fail);
    case "map":
      return mapMaker(toStored(type.keys), toStored(type.values), fail);
    case "struct":
    default:
      return structMaker(new Map([...type.fields].map(([name, field]) => [name, toStored(field)])), fail);
  }
}

const MAX_SHOWN = 60;

function unfit(cell: unknown, type: ColumnType): never {
  const text = cellText(cell) ?? String(cell);
  const given = typeof cell === "string" ? `the text ${quote(cell)}` : clip(text, MAX_SHOWN);
  throw new TypeError(`the column's type is ${describeType(type)}, and ${given} is none`);
}

function integerMaker(bits: number, signed: boolean, fail: (cell: unknown) => never): ToStored {
  const [min, max] = signed
    ? [-(2n ** BigInt(bits - 1)), 2n ** BigInt(bits - 1) - 1n]
    : [0n, 2n ** BigInt(bits) - 1n];
  return (cell) => {
    const integer = integerOf(cell);
    if (integer === undefined || integer < min || integer > max) return fail(cell);
    return bits === 64 ? integer : Number(integer);
  };
}

/** An integer, also one that is written as text, as long ones may be. */
function integerOf(cell: unknown): bigint | undefined {
  if (typeof cell === "bigint") return cell;
  if (isWrittenNumber(cell)) return unitsOf(cell.rawJSON);
  if (typeof cell === "number") return Number.isInteger(cell) ? BigInt(cell) : undefined;
  return typeof cell === "string" ? unitsOf(cell) : undefined;
}

function unitsOf(text: string): bigint | undefined {
  return /^-?\d{1,100}$/.test(text) ? BigInt(text) : undefined;
}

/** A number; an integer that no double holds would be changed by it, and is none. */
function numberOf(cell: unknown): number | undefined {
  if (typeof cell === "number") return cell;
  if (isWrittenNumber(cell)) return Number(cell.rawJSON);
  if (typeof cell === "bigint") return BigInt(Number(cell)) === cell ? Number(cell) : undefined;
  return undefined;
}

/** The digits of a decimal as an integer; `undefined` where it has more of them than the type. */
function decimalOf(
  cell: unknown,
  { precision, scale }: { readonly precision: number; readonly scale: number },
): bigint | undefined {
  const isNumber = typeof cell === "number" || typeof cell === "bigint" || isWrittenNumber(cell);
  if (!isNumber && typeof cell !== "string") return undefined;
  const [, sign, whole, fraction = "", exponent = "0"] =
    /^(-?)(\d{1,400})(?:\.(\d{0,400}))?(?:e([+-]?\d{1,3}))?$/i.exec(cellText(cell) ?? "") ?? [];
  if (whole === undefined) return undefined;
  const places = scale + Number(exponent) - fraction.length;
  const digits = BigInt(`${whole}${fraction}`);
  const divisor = 10n ** BigInt(Math.max(-places, 0));
  if (digits % divisor !== 0n) return undefined;
  const unscaled = (digits / divisor) * 10n ** BigInt(Math.max(places, 0));
  if (unscaled >= 10n ** BigInt(precision)) return undefined;
  return sign === "-" ? -unscaled : unscaled;
}

function uuidOf(cell: unknown): Uint8Array | undefined {
  if (typeof cell !== "string") return undefined;
  const hex = cell.replaceAll("-", "");
  return /^[0-9a-f]{32}$/i.test(hex) ? Buffer.from(hex, "hex") : undefined;
}

function isBytesOf(cell: unknown, length: number | undefined): boolean {
  return cell instanceof Uint8Array && (length === undefined || cell.length === length);
}

function daysOfCell(cell: unknown): number | undefined {
  const text = dateTextOf(cell);
  const days = text === undefined ? undefined : (daysOf(text) ?? Number(unitsOf(text)));
  // A date is stored in 32 bits.
  return days === undefined || (days | 0) !== days ? undefined : days;
}

/** What a date, or the text of one, says. */
function dateTextOf(cell: unknown): string | undefined {
  return typeof cell === "string" || cell instanceof Date ? cellText(cell) : undefined;
}

function momentOf(cell: unknown, unit: TimeUnit): bigint | undefined {
  const text = dateTextOf(cell);
  const units = text === undefined ? undefined : (timestampOf(text, unit) ?? unitsOf(text));
  return units === undefined || BigInt.asIntN(64, units) !== units ? undefined : units;
}

function listMaker(toItem: ToStored, fail: (cell: unknown) => never): ToStored {
  return (cell) => {
    if (Array.isArray(cell) || cell instanceof Set || ArrayBuffer.isView(cell))
      return Array.from(cell as Iterable<unknown>, toItem);
    return fail(cell);
  };
}

function mapMaker(toKey: ToStored, toValue: ToStored, fail: (cell: unknown) => never): ToStored {
  return (cell) =>
    pairsOf(cell, fail).map(([key, value]) => ({ key: toKey(key) ?? fail(cell), value: toValue(value) }));
}

function pairsOf(cell: unknown, fail: (cell: unknown) => never): readonly (readonly [unknown, unknown])[] {
  if (cell instanceof Map) return [...cell];
  if (Array.isArray(cell))
    return cell.map((pair: unknown) =>
      Array.isArray(pair) && pair.length === 2 ? [pair[0], pair[1]] : fail(cell),
    );
  return isPlainObject(cell) ? Object.entries(cell) : fail(cell);
}

function structMaker(fields: ReadonlyMap<string, ToStored>, fail: (cell: unknown) => never): ToStored {
  return (cell) => {
    if (!isPlainObject(cell)) return fail(cell);
    for (const name of Object.keys(cell)) {
      if (cell[name] !== undefined && !fields.has(name))
        throw new TypeError(`the column's type has no member ${JSON.stringify(name)}`);
    }
    // The library looks members up by name, and would find those that every object has.
    const struct = Object.create(null) as Row;
    for (const [name, toMember] of fields) setCell(struct, name, toMember(getCell(cell, name)));
    return struct;
  };
}
