import { BOOLEAN, BYTES, DATE, LONG } from "../../columns/cell-type-finder.ts";
import { integerCell } from "../../columns/cell-values.ts";
import { DOUBLE, INT64, TEXT, type ColumnType, type TimeUnit } from "../../columns/column-type.ts";
import { daysOf, hasZone, timeOf, timestampOf } from "../../columns/time-text.ts";
import type { LongNumbers } from "../../source/long-numbers.ts";

/** What a column is declared as, where that says more than what is stored. */
export type Declared = "boolean" | "date" | "time" | "timestamp" | undefined;

/** What the type of a declaration such as `TIMESTAMP` or `BOOLEAN` stands for. */
export function declaredOf(type: string | null | undefined): Declared {
  const word = /^\s*([a-z]+)/i.exec(type ?? "")?.[1]?.toLowerCase();
  if (word === "bool" || word === "boolean") return "boolean";
  if (word === "date" || word === "time") return word;
  return word === "datetime" || word === "timestamp" ? "timestamp" : undefined;
}

/** A cell of what is stored. SQLite stores any kind of value in any column. */
export function cellOf(value: unknown, declared: Declared, longNumbers: LongNumbers): unknown {
  if (typeof value !== "bigint") return value;
  if (declared === "boolean" && (value === 0n || value === 1n)) return value === 1n;
  return integerCell(value, longNumbers);
}

const TIMES: Readonly<Record<TimeUnit, ColumnType>> = {
  seconds: { type: "time", unit: "seconds", utc: false },
  millis: { type: "time", unit: "millis", utc: false },
  micros: { type: "time", unit: "micros", utc: false },
  nanos: { type: "time", unit: "nanos", utc: false },
};
const CLOCKS: Readonly<Record<TimeUnit, ColumnType>> = {
  seconds: { type: "timestamp", unit: "seconds", utc: false },
  millis: { type: "timestamp", unit: "millis", utc: false },
  micros: { type: "timestamp", unit: "micros", utc: false },
  nanos: { type: "timestamp", unit: "nanos", utc: false },
};
const MOMENTS: Readonly<Record<TimeUnit, ColumnType>> = {
  seconds: { type: "timestamp", unit: "seconds", utc: true },
  millis: { type: "timestamp", unit: "millis", utc: true },
  micros: { type: "timestamp", unit: "micros", utc: true },
  nanos: { type: "timestamp", unit: "nanos", utc: true },
};

/** The type of what is stored; `undefined` for null. What a column is declared as counts where the cell is that. */
export function typeOf(value: unknown, cell: unknown, declared: Declared): ColumnType | undefined {
  if (typeof cell === "boolean") return BOOLEAN;
  // A number that is stored with a fraction, of zeros or not, is of another type than an integer.
  if (typeof value === "number") return DOUBLE;
  if (typeof value === "bigint")
    return typeof cell === "number" ? INT64 : typeof cell === "bigint" ? LONG : TEXT;
  if (typeof value === "string") return momentType(value, declared) ?? TEXT;
  return value === null ? undefined : BYTES;
}

function momentType(text: string, declared: Declared): ColumnType | undefined {
  if (declared === "date") return daysOf(text) === undefined || text.length > 10 ? undefined : DATE;
  const unit = unitOf(text);
  if (declared === "time") return timeOf(text, unit) === undefined ? undefined : TIMES[unit];
  if (declared !== "timestamp" || timestampOf(text, unit) === undefined) return undefined;
  return (hasZone(text) ? MOMENTS : CLOCKS)[unit];
}

function unitOf(text: string): TimeUnit {
  const digits = /[.,](\d+)/.exec(text)?.[1]?.length ?? 0;
  if (digits <= 3) return "millis";
  return digits <= 6 ? "micros" : "nanos";
}
