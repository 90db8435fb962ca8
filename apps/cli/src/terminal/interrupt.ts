import { ParrotError } from "@parallel-parrot/core";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Most supervisors kill a process that has not ended half a minute after SIGTERM. */
const SUPERVISOR_SECONDS = 25;

/** What is called when a signal asks a run to end. */
export interface Interrupts {
  /** @param seconds how long the sender of the signal is likely to wait; `undefined` for a person at the terminal */
  readonly gently: (reason: ParrotError, seconds: number | undefined) => void;
  readonly atOnce: (reason: ParrotError) => void;
}

/**
 * Listens for Ctrl-C, SIGTERM and SIGHUP (the terminal was closed). The first signal asks for a gentle end, the
 * second for an immediate one. The returned function stops listening.
 */
export function onInterrupt({ gently, atOnce }: Interrupts): () => void {
  let count = 0;
  const listener = (signal: NodeJS.Signals): void => {
    count += 1;
    const name = signal === "SIGINT" ? "Ctrl-C" : signal;
    const seconds = signal === "SIGINT" ? undefined : SUPERVISOR_SECONDS;
    if (count === 1) gently(new ParrotError("INTERRUPTED", `Stopped by ${name}`), seconds);
    else atOnce(new ParrotError("INTERRUPTED", `Stopped at once by a second ${name}`));
  };
  for (const signal of SIGNALS) process.on(signal, listener);
  return () => {
    for (const signal of SIGNALS) process.off(signal, listener);
  };
}
