const COUNT = new Intl.NumberFormat("en-US");
const TIME = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** `12,345` */
export function count(number: number): string {
  return COUNT.format(number);
}

/** `1 row`, `12,345 rows` */
export function counted(number: number, noun: string): string {
  return `${count(number)} ${noun}${number === 1 ? "" : "s"}`;
}

/** `850 ms`, `12.3 s`, `4 min 05 s`, `2 h 03 min` */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const [big, unit, small, of] =
    ms < 3_600_000 ? [60_000, "min", 1000, "s"] : [3_600_000, "h", 60_000, "min"];
  return `${Math.floor(ms / big)} ${unit} ${String(Math.floor((ms % big) / small)).padStart(2, "0")} ${of}`;
}

/** `$0.0012`, `$12.34`; empty for nothing */
export function dollars(cost: number): string {
  if (cost === 0) return "";
  return `$${cost < 0.1 ? cost.toPrecision(2) : cost.toFixed(2)}`;
}

/** A time by the clock of this machine. */
export function time(ms: number): string {
  return Number.isFinite(ms) ? TIME.format(ms) : "";
}

/** `1.2k`, `3.4M` */
export function short(number: number): string {
  if (number < 10_000) return count(number);
  return number < 1e6 ? `${(number / 1e3).toFixed(1)}k` : `${(number / 1e6).toFixed(1)}M`;
}
