import type { BatchLimits } from "@parallel-parrot/providers";

/** Requests that are asked directly in the place of another job, where the user does not say how many. */
const TAIL = { least: 100, share: 0.005 };

/** What decides on a rest. */
export interface RestOptions {
  readonly limits: Pick<BatchLimits, "minRequests">;
  /** All rows of the run. */
  readonly rows: number;
  /** As in the options of a batch. */
  readonly tail?: number | "never" | undefined;
}

/** Whether so few requests are asked directly in the place of another job. */
export function goesDirectly(requests: number, { limits, rows, tail }: RestOptions): boolean {
  const { minRequests = 0 } = limits;
  const most = tail ?? Math.max(TAIL.least, TAIL.share * rows);
  return requests < minRequests || (most !== "never" && requests <= most);
}
