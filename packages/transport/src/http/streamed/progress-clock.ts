/** How long nothing may move. */
export interface ProgressLimits {
  /** Between two pieces of the request, and between two of the response. */
  readonly stallMs: number;
  /** From the last piece of the request to the head of the response: the server stores what it was sent. */
  readonly answerMs: number;
}

/** Tells when for too long nothing has moved. */
export class ProgressClock {
  readonly #onLate: (words: string) => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(onLate: (words: string) => void) {
    this.#onLate = onLate;
  }

  /** Something has moved, and the next thing is to move within this time. @param words what is said if it does not */
  await(ms: number, words: string): void {
    this.stop();
    this.#timer = setTimeout(() => this.#onLate(`${words} within ${ms / 1000} s`), ms);
  }

  /** Nothing is waited for. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
