import type { TimeUnit } from "./column-type.ts";

/** How many of a unit there are in a second. */
export const PER_SECOND: Readonly<Record<TimeUnit, bigint>> = {
  seconds: 1n,
  millis: 1000n,
  micros: 1_000_000n,
  nanos: 1_000_000_000n,
};
export const SECONDS_PER_DAY = 86_400n;
/** Beyond this many seconds before or after 1970, JavaScript has no date. */
const MAX_SECONDS = 8_640_000_000_000n;

/** Days since 1970 as `2026-11-30`. */
export function dateText(days: number): string {
  const text = timestampText(BigInt(days) * SECONDS_PER_DAY * 1000n, "millis", false);
  return text.endsWith("T00:00:00") ? text.slice(0, -9) : String(days);
}

/** Units since midnight as `12:00:00.123456`. */
export function timeText(units: bigint, unit: TimeUnit): string {
  const text = timestampText(units, unit, false);
  return text.startsWith("1970-01-01T") ? text.slice(11) : String(units);
}

/**
 * Units since 1970 as `2026-11-30T12:00:00.123456`, with a `Z` for a point in time. What lies beyond the years of
 * JavaScript is the number of units.
 */
export function timestampText(units: bigint, unit: TimeUnit, utc: boolean): string {
  const per = PER_SECOND[unit];
  const rest = ((units % per) + per) % per;
  const seconds = (units - rest) / per;
  if (seconds > MAX_SECONDS || seconds < -MAX_SECONDS || (seconds === MAX_SECONDS && rest > 0n))
    return String(units);
  const whole = new Date(Number(seconds) * 1000).toISOString().replace(/\.000Z$/, "");
  return `${whole}${fractionOf(rest, per)}${utc ? "Z" : ""}`;
}

/** The part of a second, in as many groups of three digits as it needs. */
function fractionOf(rest: bigint, per: bigint): string {
  if (rest === 0n) return "";
  const digits = String(rest).padStart(String(per).length - 1, "0");
  return `.${digits.replace(/(?<!000)(?:000)+$/, "")}`;
}

const TIME = /(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?/.source;
const TIME_TEXT = new RegExp(`^${TIME}$`);
const TIMESTAMP_TEXT = new RegExp(
  `^(\\d{4}|[+-]\\d{6})-(\\d\\d)-(\\d\\d)(?:[T ]${TIME} ?(Z|[+-]\\d\\d:?\\d\\d)?)?$`,
  "i",
);

/** Whether a text that begins with a date ends with a time zone. */
export function hasZone(text: string): boolean {
  return /(?:z|[+-]\d\d:?\d\d)$/i.test(text.slice(10));
}

/** The days since 1970 of a date, or of a timestamp at midnight; `undefined` for any other text. */
export function daysOf(text: string): number | undefined {
  const millis = timestampOf(text, "millis");
  if (millis === undefined || millis % 86_400_000n !== 0n) return undefined;
  return Number(millis / 86_400_000n);
}

/** The units since midnight of a time; `undefined` for other text, or what is finer than the unit. */
export function timeOf(text: string, unit: TimeUnit): bigint | undefined {
  const [, hours, minutes, seconds, fraction] = TIME_TEXT.exec(text) ?? [];
  if (hours === undefined) return undefined;
  const parts = [hours, minutes, seconds].map((part) => Number(part ?? 0));
  const [h = 0, m = 0, s = 0] = parts;
  if (h > 23 || m > 59 || s > 59) return undefined;
  return inUnits(BigInt(h * 3600 + m * 60 + s), fraction, unit);
}

/** The units since 1970 of a timestamp or date; `undefined` for other text, or what is finer than the unit. */
export function timestampOf(text: string, unit: TimeUnit): bigint | undefined {
  const [, year, month, day, hours = "00", minutes = "00", seconds = "00", fraction, zone = "Z"] =
    TIMESTAMP_TEXT.exec(text) ?? [];
  if (year === undefined) return undefined;
  const offset = /^z$/i.test(zone) ? "Z" : `${zone.slice(0, 3)}:${zone.slice(-2)}`;
  const millis = Date.parse(`${year}-${month}-${day}T${hours}:${minutes}:${seconds}${offset}`);
  // JavaScript takes the 31st of February for a day in March.
  if (
    Number.isNaN(millis) ||
    new Date(Date.UTC(2000, Number(month) - 1, 1)).getUTCMonth() !== Number(month) - 1
  )
    return undefined;
  if (Number(day) > daysIn(Number(year), Number(month))) return undefined;
  return inUnits(BigInt(millis) / 1000n, fraction, unit);
}

function daysIn(year: number, month: number): number {
  const last = new Date(0);
  last.setUTCFullYear(year, month, 0);
  return last.getUTCDate();
}

function inUnits(seconds: bigint, fraction: string | undefined, unit: TimeUnit): bigint | undefined {
  const per = PER_SECOND[unit];
  const nanos = BigInt((fraction ?? "").padEnd(9, "0"));
  const step = 1_000_000_000n / per;
  return nanos % step === 0n ? seconds * per + nanos / step : undefined;
}
