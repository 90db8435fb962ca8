import type { LimitReading } from "./quota/charge.ts";

/**
 * How it is known that requests have to wait:
 *
 * - `told`: by a limit that the caller told.
 * - `learned`: by a limit that a response told.
 * - `refusal`: the server has refused a request, and everything pauses.
 * - `discovered`: by the rate that was found from refusals.
 * - `unreachable`: the source of limits that are shared does not answer, and nothing is sent without it.
 */
export type WaitSource = "told" | "learned" | "refusal" | "discovered" | "unreachable";

/** What the requests that wait are waiting for. */
export interface Wait {
  /** Milliseconds from now until the first of them may go, as far as is known. */
  readonly ms: number;
  readonly source: WaitSource;
  /** The limit that is used up; `undefined` where a refusal did not name one, or the rate was discovered. */
  readonly limit: LimitReading | undefined;
  /** What the server said when it refused, or why the source of shared limits does not answer; `undefined` where neither is known. */
  readonly message: string | undefined;
}
