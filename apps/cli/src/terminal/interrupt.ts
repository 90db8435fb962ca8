import { ParrotError } from "@parallel-parrot/core";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Most supervisors kill a process that has not ended half a minute after SIGTERM. */
const SUPERVISOR_SECONDS = 25;

/** What ends a run that a signal has stopped. */
export class Interrupt extends ParrotError {
  readonly signal: (typeof SIGNALS)[number];

  constructor(signal: (typeof SIGNALS)[number], words: string) {
    super("INTERRUPTED", `${words} ${signal === "SIGINT" ? "Ctrl-C" : signal}`);
    this.signal = signal;
  }
}

/** What is called when a signal asks a run to end. */
export interface Interrupts {
  /** @param seconds how long the sender of the signal is likely to wait; `undefined` for a person at the terminal */
  readonly gently: (reason: Interrupt, seconds: number | undefined) => void;
  readonly atOnce: (reason: Interrupt) => void;
}

/**
 * Listens for Ctrl-C, SIGTERM and SIGHUP (the terminal was closed). The first signal asks for a gentle end, the
 * second for an immediate one. The returned function stops listening.
 */
export function onInterrupt({ gently, atOnce }: Interrupts): () => void {
  let count = 0;
  const listeners = SIGNALS.map((signal) => {
    const seconds = signal === "SIGINT" ? undefined : SUPERVISOR_SECONDS;
    const listener = (): void => {
      count += 1;
      if (count === 1) gently(new Interrupt(signal, "Stopped by"), seconds);
      else atOnce(new Interrupt(signal, "Stopped at once by a second"));
    };
    process.on(signal, listener);
    return () => process.off(signal, listener);
  });
  return () => {
    for (const stop of listeners) stop();
  };
}
