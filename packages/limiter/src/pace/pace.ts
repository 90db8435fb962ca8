import type { Charge, LimitReading } from "../quota/charge.ts";
import type { LimitState } from "../quota/limit-state.ts";
import type { NeverFitsError } from "../quota/never-fits-error.ts";
import type { OwnedPermit, Refusal } from "../permit.ts";
import type { Wait } from "../wait.ts";

/** What sets the rate of a limiter: limits that it counts itself, or its share of limits that others use too. */
export interface Pace {
  /** Whether a limit is known that spreads requests over time. */
  readonly isPaced: boolean;
  /** Requests a minute found from refusals. */
  readonly discoveredPerMinute: number | undefined;
  /** When a charge may go; not after `now` where it may already. */
  readyAt(charge: Charge, now: number): number;
  /** Whether every request has to wait, whatever it takes. */
  holdsAll(now: number): boolean;
  /** What a charge waits for; `undefined` where it may go. */
  waitFor(charge: Charge, now: number): Wait | undefined;
  /** A charge could be sent that may not go now. */
  wanted(charge: Charge, now: number): void;
  /** A request is sent. `isBusy` says that it had to wait. */
  sent(charge: Charge, isBusy: boolean, now: number): void;
  /** A request was processed. Returns whether something was given back that another may take. */
  settled(permit: OwnedPermit, actual: Charge, now: number): boolean;
  /** A request was not processed. */
  refunded(permit: OwnedPermit, now: number): void;
  /** A request was refused for its rate; `next` is the number of the next permit. Returns whether refusals set the rate now. */
  throttled(permit: OwnedPermit, refusal: Refusal, next: number, now: number): boolean;
  /** Takes over what a response told. Returns whether a limit has changed. */
  learn(readings: readonly LimitReading[], next: number, now: number): boolean;
  neverFits(charge: Charge): NeverFitsError | undefined;
  limits(now: number): readonly LimitState[];
}
