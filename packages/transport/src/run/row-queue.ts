/** Requests that may wait for their turn: enough for small ones to overtake a large one at the rate limit. */
const MAX_REQUESTS = 64;

/** Counts the rows that came in and of which nothing was sent yet. While there are many, no more are taken in. */
export class RowQueue {
  readonly #onRoom: () => void;
  readonly #most: number;
  #queued = 0;

  /** @param onRoom called when there is room again */
  constructor(rowsPerRequest: number, onRoom: () => void) {
    this.#most = MAX_REQUESTS * rowsPerRequest;
    this.#onRoom = onRoom;
  }

  get isFull(): boolean {
    return this.#queued >= this.#most;
  }

  /** Notes a row. It leaves by the function that is returned, of which the first call counts. */
  enter(): () => void {
    this.#queued += 1;
    let isQueued = true;
    return () => {
      if (!isQueued) return;
      isQueued = false;
      this.#queued -= 1;
      if (this.#queued === this.#most - 1) this.#onRoom();
    };
  }
}
