import type { BatchInfo } from "./batch-info.ts";

const DAY_HOURS = 24;

/** The hours that a job asks for: those that are wanted as far as they are allowed, else a day. */
export function windowOf({ limits }: BatchInfo, wanted: number = DAY_HOURS): number {
  const [least, most] = limits.windowHours ?? [DAY_HOURS, DAY_HOURS];
  return Math.min(most, Math.max(least, Math.ceil(wanted)));
}
