import { PER_SECOND, SECONDS_PER_DAY } from "../../columns/time-text.ts";
import type { ArrowUnit } from "../ipc/arrow-field.ts";

/** A length of time in ISO 8601, such as `P1DT2H3.5S`. */
export function durationText(units: bigint, unit: ArrowUnit): string {
  const size = units < 0n ? -units : units;
  const perDay = SECONDS_PER_DAY * PER_SECOND[unit];
  return `${units < 0n ? "-" : ""}${textOf(part(size / perDay, "D"), timeOf(size % perDay, unit, ""))}`;
}

/** Months, days and nanoseconds in ISO 8601, such as `P1Y2M-3DT4S`. None of them says how long another is. */
export function intervalText(months: number, days: number, nanos: bigint): string {
  const date = [part(Math.trunc(months / 12), "Y"), part(months % 12, "M"), part(days, "D")];
  const time = timeOf(nanos < 0n ? -nanos : nanos, "nanos", nanos < 0n ? "-" : "");
  return textOf(date.join(""), time);
}

function textOf(date: string, time: string): string {
  if (date === "" && time === "") return "PT0S";
  return `P${date}${time === "" ? "" : `T${time}`}`;
}

function timeOf(units: bigint, unit: ArrowUnit, sign: string): string {
  const per = PER_SECOND[unit];
  const all = units / per;
  const digits = String(units % per).padStart(String(per).length - 1, "0");
  const fraction = unit === "seconds" ? "" : digits.replace(/(?<!0)0+$/, "");
  const seconds = fraction === "" ? String(all % 60n) : `${all % 60n}.${fraction}`;
  const parts = [part(all / 3600n, "H", sign), part((all / 60n) % 60n, "M", sign), part(seconds, "S", sign)];
  return parts.join("");
}

/** A count with its letter; nothing where it is zero. */
function part(count: bigint | number | string, letter: string, sign = ""): string {
  return String(count) === "0" ? "" : `${sign}${count}${letter}`;
}
