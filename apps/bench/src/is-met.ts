import type { Goal } from "./report.ts";

/** Whether a figure reaches its goal. A figure that is missing reaches none. */
export function isMet({ value, atLeast = -Infinity, atMost = Infinity }: Goal): boolean {
  return value >= atLeast && value <= atMost;
}
