import { DAY_MS } from "./windows.ts";

/** How long it is until the next day begins in a time zone, but for the two days of a year that are not of 24 hours. */
export function untilMidnightMs(timeZone: string, now: number): number {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  }).formatToParts(now);
  const valueOf = (type: string): number => Number(parts.find((part) => part.type === type)?.value ?? 0);
  const seconds = (valueOf("hour") * 60 + valueOf("minute")) * 60 + valueOf("second");
  return DAY_MS - seconds * 1000;
}
