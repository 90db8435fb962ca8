import type { Clock } from "@parallel-parrot/limiter";
import type { PromptCacheInfo } from "@parallel-parrot/providers";
import { WaitQueue } from "../waiting/wait-queue.ts";

/** A request that may be marked for the prompt cache. */
export interface MarkedLease {
  readonly request: { readonly isMarked?: true };
}

/**
 * Lets one marked request go alone while a server's prompt cache has nothing of the run's prompts: it writes what the
 * others read, which pay a tenth for it. Side by side all of them would write, and pay more than without marks.
 */
export class CacheWarmUp {
  readonly #clock: Clock;
  readonly #lifetimeMs: number;
  #warmUntil = Number.NEGATIVE_INFINITY;
  /** The request that goes alone. */
  #writer: MarkedLease | undefined;
  readonly #waiting = new WaitQueue<undefined, void>();

  constructor(clock: Clock, info: PromptCacheInfo | undefined) {
    this.#clock = clock;
    this.#lifetimeMs = info?.lifetimeMs ?? 0;
  }

  /** Whether a request goes alone. Others that are marked have to wait for it. */
  get isBusy(): boolean {
    return this.#writer !== undefined;
  }

  /** Requests that wait for the one that goes alone. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Whether a request may be sent now. */
  admits(lease: MarkedLease): boolean {
    const { isMarked = false } = lease.request;
    return !isMarked || this.#writer === undefined || this.#writer === lease || this.#isWarm;
  }

  /** Notes that a request is about to be sent, which `admits` allows. {@linkcode CacheWarmUp.ended} must follow. */
  begin(lease: MarkedLease): void {
    if (lease.request.isMarked !== true) return;
    // What is read is kept for longer.
    if (this.#isWarm) this.#keepWarm();
    else this.#writer = lease;
  }

  /** Waits until the request that goes alone has ended. */
  wait(signal: AbortSignal): Promise<void> {
    return this.isBusy ? this.#waiting.wait(undefined, signal) : Promise.resolve();
  }

  /** Notes that a request is over, answered or not. Returns whether others have waited for it. */
  ended(lease: MarkedLease, wasAnswered: boolean): boolean {
    if (wasAnswered && lease.request.isMarked === true) this.#keepWarm();
    if (this.#writer !== lease) return false;
    this.#writer = undefined;
    for (let { first } = this.#waiting; first !== undefined; first = this.#waiting.first) first.grant();
    return true;
  }

  get #isWarm(): boolean {
    return this.#clock.now() < this.#warmUntil;
  }

  #keepWarm(): void {
    this.#warmUntil = this.#clock.now() + this.#lifetimeMs;
  }
}
