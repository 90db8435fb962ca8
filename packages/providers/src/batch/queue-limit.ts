/** `Limit: 2,000,000 enqueued tokens`, `surpassed the configured limit of 30K`. */
const FIGURE = /\blimit(?: of|:)? ?(\d[\d,]*(?:\.\d+)?) ?([KMB])?\b/i;
const TIMES: Readonly<Record<string, number>> = { K: 1e3, M: 1e6, B: 1e9 };

/** The most that may be queued, as the refusal of a job names it; `undefined` if it names none. */
export function queueLimitIn(message: string): number | undefined {
  const [, digits = "", unit = ""] = FIGURE.exec(message.slice(0, 2000)) ?? [];
  const limit = Number(digits.replaceAll(",", "")) * (TIMES[unit.toUpperCase()] ?? 1);
  return limit > 0 ? limit : undefined;
}
