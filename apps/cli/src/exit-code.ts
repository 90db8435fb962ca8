/** What the process exits with. */
export const EXIT = {
  /** Every row was answered. */
  ok: 0,
  /** A fault of this program. */
  crash: 1,
  /** Wrong options or input, or a provider that answered nothing at all. */
  usage: 2,
  /** Finished, but some rows failed. */
  failedRows: 3,
  /** Stopped on the way; the finished rows are kept. */
  stopped: 4,
  /** Ctrl-C. */
  interrupted: 130,
  /** The terminal was closed. */
  hungUp: 129,
  /** A request to terminate. */
  terminated: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
