import type { RunWait } from "@parallel-parrot/transport";
import { describeWait, isWorthTelling } from "./describe-wait.ts";

/** A wait for the same reason is told again where it has become longer by this much. */
const LONGER_MS = 30_000;
/** Characters of what a server says. */
const MAX_SAID = 500;

/** Tells in a line of its own what is waited for: once for each reason, and again where it takes longer than told. */
export class WaitTeller {
  readonly #say: (line: string) => void;
  /** When each wait was to end that was told, by its reason. */
  readonly #told = new Map<string, number>();

  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  /** @param now by any clock in milliseconds that only goes forward */
  look(waits: readonly RunWait[], now: number): void {
    for (const wait of waits.filter(isWorthTelling)) {
      const reason = reasonOf(wait);
      // Nobody knows when the budget has room again, so that this is told once.
      const until = wait.kind === "budget" ? 0 : now + wait.ms;
      if (until < (this.#told.get(reason) ?? Number.NEGATIVE_INFINITY) + LONGER_MS) continue;
      this.#told.set(reason, until);
      this.#say(describeWait(wait, MAX_SAID));
    }
  }
}

function reasonOf(wait: RunWait): string {
  if (wait.kind === "budget") return `${wait.kind} ${wait.option}`;
  if (wait.kind === "outage") return `${wait.kind} ${wait.isLoading}`;
  if (wait.kind === "answer" || wait.kind === "check") return wait.kind;
  const { member, source, limit } = wait;
  return JSON.stringify([member, source, limit?.dimension, limit?.windowMs]);
}
