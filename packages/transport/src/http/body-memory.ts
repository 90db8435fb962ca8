import { LinkedList, ListItem } from "../waiting/linked-list.ts";

/** A body that is being received. */
export abstract class ReceivedBody extends ListItem<ReceivedBody> {
  /** How many bytes of it are in memory. */
  heldBytes = 0;

  /** Stops reading it for now. */
  abstract pause(): void;
  abstract resume(): void;
}

/**
 * Bounds the memory that all bodies together take while they are being received. Where there is no more room, a body
 * waits until others are complete. More than the bound can be taken by one body, as one always goes on, and by the
 * first piece of each body that begins when there is no more room.
 */
export class BodyMemory {
  readonly #maxBytes: number;
  readonly #paused = new LinkedList<ReceivedBody>();
  #bytes = 0;
  /** How many bodies have bytes in memory and do not wait. */
  #receiving = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** More of a body has come. It is paused where there is no more room. */
  take(body: ReceivedBody, bytes: number): void {
    if (body.heldBytes === 0) this.#receiving += 1;
    body.heldBytes += bytes;
    this.#bytes += bytes;
    if (this.#bytes <= this.#maxBytes || this.#receiving === 1 || body.list !== undefined) return;
    this.#receiving -= 1;
    this.#paused.push(body);
    body.pause();
  }

  /** A body is complete, or was given up. Others go on where there is room now. */
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
