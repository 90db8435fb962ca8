import { timestampOf, timestampText } from "../columns/time-text.ts";

/** Where a workbook begins to count days. Workbooks of old Macs begin in 1904. */
export type DateSystem = "1900" | "1904";

/** A day in milliseconds. */
export const DAY_MS = 86_400_000;
/** The first and the last day of each system, and the day before its first, in milliseconds since 1970. */
const EPOCH: Readonly<Record<DateSystem, number>> = {
  "1900": Date.UTC(1899, 11, 31),
  "1904": Date.UTC(1904, 0, 1),
};
/** In the 1900 system, the 29th of February 1900, which there was not: Lotus 1-2-3 took that year for a leap year. */
const LEAP_DAY = 60;
/** The day after the last of the year 9999, behind which Excel has no dates. */
const END_MS = Date.UTC(10_000, 0, 1);

/**
 * The date and time that a number of days stands for, as `2026-11-30T12:00:00`, exact to the millisecond; `undefined`
 * where Excel has none for it.
 */
export function serialToText(serial: number, system: DateSystem): string | undefined {
  if (!(serial >= 0)) return undefined;
  const isLotus = system === "1900";
  if (isLotus && Math.floor(serial) === LEAP_DAY)
    return `1900-02-29T${timeOfDay(Math.round((serial - LEAP_DAY) * DAY_MS))}`;
  const days = isLotus && serial > LEAP_DAY ? serial - 1 : serial;
  const millis = EPOCH[system] + Math.round(days * DAY_MS);
  return millis < END_MS ? timestampText(BigInt(millis), "millis", false) : undefined;
}

/**
 * The number of days of a date or of a date and time as text, in the 1900 system; `undefined` where Excel has no such
 * day, or shows no such fraction of a second.
 */
export function textToSerial(text: string): number | undefined {
  const millis = timestampOf(text, "millis");
  if (millis === undefined) return undefined;
  const since = Number(millis) - EPOCH["1900"];
  if (since < DAY_MS || Number(millis) >= END_MS) return undefined;
  const serial = since / DAY_MS;
  return serial >= LEAP_DAY ? (since + DAY_MS) / DAY_MS : serial;
}

/** A part of a day as `12:00:00`. */
export function dayPartToText(serial: number): string {
  return timeOfDay(Math.round(serial * DAY_MS) % DAY_MS);
}

/** A length of time as `36:30:00`: hours beyond a day are counted on. */
export function durationToText(days: number): string {
  const millis = Math.round(Math.abs(days) * DAY_MS);
  const hours = Math.floor(millis / 3_600_000);
  const rest = timeOfDay(millis % 3_600_000).slice(2);
  return `${days < 0 ? "-" : ""}${String(hours).padStart(2, "0")}${rest}`;
}

function timeOfDay(millis: number): string {
  return timestampText(BigInt(millis), "millis", false).slice(11);
}
