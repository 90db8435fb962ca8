import { LinkedList, ListItem } from "../waiting/linked-list.ts";

/** A body that is being received. */
export abstract class ReceivedBody extends ListItem<ReceivedBody> {
  /** Bytes of it in memory. */
  heldBytes = 0;

  /** Reads no more of it for now. */
  abstract pause(): void;
  abstract resume(): void;
}

/**
 * Bounds what all bodies together take while they are being received. Where there is no more room, a body waits
 * until others are complete. The bound may be passed by as much as one body may have, as one always goes on, and by
 * the first piece of each that begins when there is no more room.
 */
export class BodyMemory {
  readonly #maxBytes: number;
  readonly #paused = new LinkedList<ReceivedBody>();
  #bytes = 0;
  /** Bodies with bytes in memory that do not wait. */
  #receiving = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** More of a body has come. */
  take(body: ReceivedBody, bytes: number): void {
    if (body.heldBytes === 0) this.#receiving += 1;
    body.heldBytes += bytes;
    this.#bytes += bytes;
    if (this.#bytes <= this.#maxBytes || this.#receiving === 1 || body.list !== undefined) return;
    this.#receiving -= 1;
    this.#paused.push(body);
    body.pause();
  }

  /** A body is complete or given up. */
  release(body: ReceivedBody): void {
    if (body.heldBytes === 0) return;
    if (body.list === undefined) this.#receiving -= 1;
    else this.#paused.remove(body);
    this.#bytes -= body.heldBytes;
    body.heldBytes = 0;
    while (this.#bytes <= this.#maxBytes || this.#receiving === 0) {
      const next = this.#paused.shift();
      if (next === undefined) return;
      this.#receiving += 1;
      next.resume();
    }
  }
}
