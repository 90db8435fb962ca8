import { InvalidArgumentError } from "commander";

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** What a date can be counted with. */
const MOST_MS = 365 * 86_400_000;

/** Checks a duration with its unit, such as `6h`, `1h30m`, `90 m`, `45s` or `2d`, and returns it as it was written. */
export function duration(text: string): string {
  const ms = durationMs(text);
  if (!(ms > 0 && ms <= MOST_MS))
    throw new InvalidArgumentError("Expected a time with its unit, such as 45s, 90m, 6h or 2d.");
  return text;
}

/** A duration in milliseconds; `NaN` where it is none. */
export function durationMs(text: string): number {
  const trimmed = text.trim();
  if (!/^(?:\d+(?:\.\d+)?\s*[smhd]\s*)+$/i.test(trimmed)) return Number.NaN;
  return [...trimmed.matchAll(/(?<![\d.])([\d.]+)\s*([smhd])/gi)].reduce(
    (sum, [, count = "", unit = ""]) => sum + Number(count) * (UNITS[unit.toLowerCase()] ?? Number.NaN),
    0,
  );
}
