/** The two ways to end a request early. */
export interface Signals {
  /** Ends waiting for a turn, not a request already sent: the run is stopping. */
  readonly waiting: AbortSignal;
  /** Ends everything. */
  readonly all: AbortSignal;
}
