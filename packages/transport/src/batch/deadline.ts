import type { Clock } from "@parallel-parrot/limiter";

/** How long before the deadline no more jobs are made: never more than a quarter of the time that there is. */
const MARGIN_MS = 900_000;
const MARGIN_SHARE = 0.25;
/** Timers of the system end sooner where they are set further ahead, and a clock may be set while a machine sleeps. */
const MAX_TIMER_MS = 60_000;

/** Who is told of a deadline, each once. */
export interface DeadlineEvents {
  /** It is too late to make jobs. */
  readonly onNear: () => void;
  readonly onOver: () => void;
}

/** The time until which every row is to be answered. */
export class Deadline {
  /** In milliseconds since 1970. */
  readonly at: number;
  readonly #lastJobsAt: number;
  #cancel: (() => void) | undefined;

  constructor(deadline: Date | number) {
    const now = Date.now();
    this.at = typeof deadline === "number" ? now + deadline : deadline.getTime();
    this.#lastJobsAt = this.at - Math.min(MARGIN_MS, MARGIN_SHARE * (this.at - now));
  }

  /** Whether it is too late to make jobs. */
  get isNear(): boolean {
    return Date.now() >= this.#lastJobsAt;
  }

  start(clock: Clock, { onNear, onOver }: DeadlineEvents): void {
    const waitFor = (at: number, then: () => void): void => {
      const ms = at - Date.now();
      if (ms <= 0) then();
      else this.#cancel = clock.after(Math.min(ms, MAX_TIMER_MS), () => waitFor(at, then));
    };
    waitFor(this.#lastJobsAt, () => {
      onNear();
      waitFor(this.at, onOver);
    });
  }

  stop(): void {
    this.#cancel?.();
  }
}
