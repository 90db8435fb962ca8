import type { BudgetWait, RunWait } from "@parallel-parrot/transport";
import { flagOf, isWorthTelling, setAside } from "./describe-wait.ts";
import { formatMinutes } from "./format-duration.ts";

/** Measures for how long a budget that is nearly used up lets fewer requests go at once than could go without it. */
export class HeldBack {
  #ms = 0;
  #lookedAt: number | undefined;
  #last: BudgetWait | undefined;

  /**
   * The time since the last look counts where requests wait for the budget now.
   *
   * @param now by any clock in milliseconds that only goes forward
   */
  look(waits: readonly RunWait[], now: number): void {
    const wait = waits.find((each) => each.kind === "budget");
    if (wait !== undefined && isWorthTelling(wait)) {
      this.#last = wait;
      this.#ms += now - (this.#lookedAt ?? now);
    }
    this.#lookedAt = now;
  }

  /** What it came to, in a line for the end of the run; none where nothing was held back. */
  describe(): readonly string[] {
    const last = this.#last;
    return last === undefined
      ? []
      : [`Held back by ${flagOf(last)} for ${formatMinutes(this.#ms)} in all: ${setAside(last)}`];
  }
}
