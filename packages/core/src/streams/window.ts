import { Queue } from "./queue.ts";

/** A store outside of memory for outputs that wait for an earlier one. */
export interface Overflow<Out> {
  /** Stores an output and gives the function that brings it back, once. `undefined` where it has to stay in memory. */
  put(output: Out): (() => Out) | undefined;
  /** Called when nothing more will be stored or brought back. */
  close(): void;
}

/** What a `map` returns to emit nothing for its input. */
export const SKIP: unique symbol = Symbol("skip");

/**
 * A chunk inside: in progress, then with its output. A class, as V8 may take a literal of which hundreds are in
 * progress for long-lived, and then makes its objects old from the start.
 */
export class Slot<Out> {
  output: Out | typeof SKIP = SKIP;
  /** Brings back an output that was stored. */
  bringBack: (() => Out) | undefined;
  /** Bytes in memory: first of the input, then of the output. */
  bytes: number;
  isDone = false;
  /** Whether nothing had to be waited for. */
  isAtOnce = false;

  constructor(bytes: number) {
    this.bytes = bytes;
  }
}

/** Options of a {@linkcode Window}. */
export interface WindowOptions<Out> {
  /** `"completion"` gives whatever is done. */
  readonly order: "input" | "completion";
  /** About so many bytes in memory, at most. */
  readonly maxBytes: number;
  readonly overflow: Overflow<Out> | undefined;
}

/** How a chunk ended. */
interface Ended {
  /** Bytes of its output. */
  readonly bytes: number;
  /** Whether nothing had to be waited for. */
  readonly isAtOnce: boolean;
}

/** Bytes that an output which was stored still takes in memory. */
const PUT_AWAY_BYTES = 256;

/** The chunks that are inside a stage, and how much of memory they take. */
export class Window<Out> {
  /** Chunks inside. */
  length = 0;
  /** Bytes of the chunks inside. */
  bytes = 0;
  /** How many of the chunks inside had nothing to wait for. */
  readyAtOnce = 0;
  readonly #options: WindowOptions<Out>;
  /** In progress or done; in completion order only what is done. */
  readonly #slots = new Queue<Slot<Out>>();
  /** Bytes of the outputs in memory that were not taken yet. */
  #waitingBytes = 0;

  constructor(options: WindowOptions<Out>) {
    this.#options = options;
  }

  /** Adds a chunk. */
  enter(bytes: number): Slot<Out> {
    const slot = new Slot<Out>(bytes);
    this.length += 1;
    this.bytes += bytes;
    if (this.#options.order === "input") this.#slots.push(slot);
    return slot;
  }

  /** Notes how a chunk ended. */
  settle(slot: Slot<Out>, output: Out | typeof SKIP, { bytes, isAtOnce }: Ended): void {
    const { order, maxBytes, overflow } = this.#options;
    this.bytes += bytes - slot.bytes;
    this.#waitingBytes += bytes;
    slot.output = output;
    slot.bytes = bytes;
    slot.isDone = true;
    slot.isAtOnce = isAtOnce;
    if (isAtOnce) this.readyAtOnce += 1;
    if (order === "completion") this.#slots.push(slot);
    else if (overflow !== undefined && this.#waitingBytes > maxBytes / 4) this.#putAway(slot, overflow);
  }

  /** The outputs whose turn it is, at most so many. */
  take(most: number): Out[] {
    const outputs: Out[] = [];
    for (let slot = this.#slots.peek(); slot?.isDone === true; slot = this.#slots.peek()) {
      this.#slots.shift();
      this.length -= 1;
      this.bytes -= slot.bytes;
      if (slot.isAtOnce) this.readyAtOnce -= 1;
      if (slot.bringBack === undefined) this.#waitingBytes -= slot.bytes;
      const output = slot.bringBack?.() ?? slot.output;
      if (output !== SKIP && outputs.push(output) >= most) break;
    }
    return outputs;
  }

  /** Outputs that wait for a slow reader are not stored, as that reader must slow the source. */
  #putAway(slot: Slot<Out>, overflow: Overflow<Out>): void {
    if (slot.output === SKIP || this.#slots.peek()?.isDone === true) return;
    slot.bringBack = overflow.put(slot.output);
    if (slot.bringBack === undefined) return;
    slot.output = SKIP;
    this.bytes += PUT_AWAY_BYTES - slot.bytes;
    this.#waitingBytes -= slot.bytes;
    slot.bytes = PUT_AWAY_BYTES;
  }
}
