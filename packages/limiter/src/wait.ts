import type { LimitReading } from "./quota/charge.ts";

/**
 * How it is known that requests have to wait:
 *
 * - `told`: by a limit that the caller told.
 * - `learned`: by a limit that a response told.
 * - `refusal`: the server has refused a request, and everything pauses.
 * - `discovered`: by the rate that was found from refusals.
 */
export type WaitSource = "told" | "learned" | "refusal" | "discovered";

/** What the requests that wait are waiting for. */
export interface Wait {
  /** Milliseconds from now until the first of them may go, as far as is known. */
  readonly ms: number;
  readonly source: WaitSource;
  /** The limit that is used up; `undefined` where a refusal did not name one, or the rate was discovered. */
  readonly limit: LimitReading | undefined;
  /** What the server said when it refused; `undefined` where nothing was refused, or the caller did not pass it on. */
  readonly message: string | undefined;
}
