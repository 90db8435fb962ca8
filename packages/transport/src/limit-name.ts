import type { LimitReading } from "@parallel-parrot/limiter";

const DIMENSIONS: Readonly<Record<LimitReading["dimension"], string>> = {
  requests: "requests",
  tokens: "tokens",
  inputTokens: "input tokens",
  outputTokens: "output tokens",
};
const WINDOWS: ReadonlyMap<number, string> = new Map([
  [1000, "second"],
  [60_000, "minute"],
  [3_600_000, "hour"],
  [86_400_000, "day"],
]);

/** What a limit is called: `tokens per day`, and with its figure `100,000 tokens per day`. */
export function limitName({ dimension, windowMs, limit }: Omit<LimitReading, "remaining">): string {
  const window = WINDOWS.get(windowMs) ?? `${Math.round(windowMs / 1000)} s`;
  const figure = limit === undefined ? "" : `${limit.toLocaleString("en-US")} `;
  return `${figure}${DIMENSIONS[dimension]} per ${window}`;
}
