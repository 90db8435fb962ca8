import type { ArrowUnit } from "../ipc/arrow-field.ts";

const PER_SECOND: Readonly<Record<ArrowUnit, bigint>> = {
  seconds: 1n,
  millis: 1000n,
  micros: 1_000_000n,
  nanos: 1_000_000_000n,
};

/** A length of time in ISO 8601, such as `P1DT2H3.5S`. */
export function durationText(units: bigint, unit: ArrowUnit): string {
  return units < 0n ? `-${lengthText(0, 0n, -units, unit)}` : lengthText(0, 0n, units, unit);
}

/** Months, days and nanoseconds, of which none says how long another is: `P1Y2M-3DT4S`. */
export function intervalText(months: number, days: number, nanos: bigint): string {
  return lengthText(months, BigInt(days), nanos, "nanos", true);
}

function lengthText(
  months: number,
  days: bigint,
  units: bigint,
  unit: ArrowUnit,
  isInterval = false,
): string {
  const sign = units < 0n ? "-" : "";
  const all = units < 0n ? -units : units;
  const per = PER_SECOND[unit];
  const seconds = all / per;
  const fraction = String(all % per)
    .padStart(String(per).length - 1, "0")
    .replace(/0+$/, "");
  const wholeDays = isInterval ? days : seconds / 86_400n;
  const hours = isInterval ? seconds / 3600n : (seconds / 3600n) % 24n;
  const part = (count: bigint | number, letter: string, before = ""): string =>
    BigInt(count) === 0n ? "" : `${before}${count}${letter}`;
  const date = part(Math.trunc(months / 12), "Y") + part(months % 12, "M") + part(wholeDays, "D");
  const secondsText = `${seconds % 60n}${per === 1n || fraction === "" ? "" : `.${fraction}`}`;
  const time =
    part(hours, "H", sign) +
    part((seconds / 60n) % 60n, "M", sign) +
    (secondsText === "0" ? "" : `${sign}${secondsText}S`);
  if (date === "" && time === "") return "PT0S";
  return `P${date}${time === "" ? "" : `T${time}`}`;
}
