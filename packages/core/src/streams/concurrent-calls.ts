import { itemsOf, MAX_PACKET_ITEMS, type Packet } from "./packet.ts";
import { SKIP, Window, type Overflow, type Slot } from "./window.ts";

/** How calls are made, and how many. */
export interface ConcurrentCallsOptions<In, Out> {
  readonly map: (input: In, signal: AbortSignal) => Out | typeof SKIP | Promise<Out | typeof SKIP>;
  readonly concurrency: number;
  readonly order: "input" | "completion";
  readonly maxInside: number;
  readonly maxBytes: number;
  readonly sizeOf: (chunk: In | Out, inputBytes?: number) => number;
  readonly isBusy: () => boolean;
  readonly overflow: Overflow<Out> | undefined;
  /** Fires when the stage has failed: no call starts then, and no output counts. */
  readonly signal: AbortSignal;
  /** Is told when a call has ended, and its output may be there to be taken. */
  readonly onEnded: () => void;
  /** Is told of each error. The signal fires for the first one. */
  readonly onError: (error: unknown) => void;
}

/** Calls that start in one turn of the event loop, at most: timers and signals have theirs in between. */
const MAX_STARTS_IN_TURN = 128;
/** Outputs that are ready at once and wait for the reader, at most, while no call is in progress. */
const MAX_READY_AT_ONCE = 4 * MAX_PACKET_ITEMS;

/** Starts a call for each input as soon as there is room for it, and keeps the outputs until they are taken. */
export class ConcurrentCalls<In, Out> {
  readonly #options: ConcurrentCallsOptions<In, Out>;
  readonly #window: Window<Out>;
  /** The packet being started, and how far. */
  #inputs: readonly In[] = [];
  #position = 0;
  /** Ends the write of that packet. */
  #resolveWrite: (() => void) | undefined;
  #inProgress = 0;
  /** Of those in progress, the calls that wait for others. */
  #aside = 0;
  #isStarting = false;
  #startedInTurn = 0;
  /** Who waits until no call is in progress. */
  #idle: (() => void)[] = [];

  constructor(options: ConcurrentCallsOptions<In, Out>) {
    this.#options = options;
    this.#window = new Window<Out>(options);
  }

  /** Whether no input is inside. */
  get isEmpty(): boolean {
    return this.#window.length === 0;
  }

  /** Takes the next inputs. Resolves when each has started, and there is room for another. */
  write(chunk: In | Packet<In>): Promise<void> {
    this.#inputs = itemsOf(chunk);
    this.#position = 0;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#resolveWrite = resolve;
    this.startMore();
    return promise;
  }

  /** Forgets the inputs that have not started. */
  drop(): void {
    this.#inputs = [];
    this.#position = 0;
    this.#endWrite();
  }

  /** Starts calls while there is room. */
  startMore(): void {
    // A call may end at once, and then there is room for another.
    if (this.#isStarting) return;
    this.#isStarting = true;
    try {
      while (this.#position < this.#inputs.length && !this.#isFull()) {
        const input = this.#inputs[this.#position] as In;
        this.#position += 1;
        this.#start(input);
      }
      if (this.#position < this.#inputs.length || this.#isFull()) return;
    } catch (error) {
      // `sizeOf` or `isBusy` threw. The error belongs to the stage, not to whoever happened to start the calls.
      this.#options.onError(error);
      return;
    } finally {
      this.#isStarting = false;
    }
    this.#inputs = [];
    this.#endWrite();
  }

  /** Does not count a call that waits for another, until the function that is returned is called. */
  setAside(): () => void {
    this.#aside += 1;
    this.startMore();
    return () => {
      this.#aside -= 1;
    };
  }

  /** The outputs whose turn it is, a packet's worth at most. Throws where one that was stored cannot be read any more. */
  take(): Out[] {
    const outputs = this.#window.take(MAX_PACKET_ITEMS);
    this.startMore();
    return outputs;
  }

  /** Resolves when no call is in progress. */
  async ended(): Promise<void> {
    while (this.#inProgress > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #endWrite(): void {
    this.#resolveWrite?.();
    this.#resolveWrite = undefined;
  }

  #isFull(): boolean {
    const { concurrency, maxInside, maxBytes, isBusy } = this.#options;
    return (
      this.#inProgress - this.#aside >= concurrency ||
      this.#window.length >= maxInside ||
      this.#window.bytes >= maxBytes ||
      this.#startedInTurn >= MAX_STARTS_IN_TURN ||
      (this.#inProgress === 0 && this.#window.readyAtOnce >= MAX_READY_AT_ONCE) ||
      isBusy()
    );
  }

  #start(input: In): void {
    const { sizeOf, map, signal } = this.#options;
    const slot = this.#window.enter(sizeOf(input));
    this.#inProgress += 1;
    this.#startedInTurn += 1;
    if (this.#startedInTurn === MAX_STARTS_IN_TURN) setImmediate(() => this.#endTurn());
    try {
      const output = map(input, signal);
      if (output instanceof Promise) {
        void this.#endLater(output, slot);
        return;
      }
      this.#settle(slot, output, true);
    } catch (error) {
      this.#options.onError(error);
    }
    this.#endCall();
  }

  #endTurn(): void {
    this.#startedInTurn = 0;
    this.startMore();
  }

  async #endLater(output: Promise<Out | typeof SKIP>, slot: Slot<Out>): Promise<void> {
    try {
      this.#settle(slot, await output, false);
    } catch (error) {
      this.#options.onError(error);
    }
    this.#endCall();
  }

  #settle(slot: Slot<Out>, output: Out | typeof SKIP, isAtOnce: boolean): void {
    const { signal, sizeOf } = this.#options;
    if (signal.aborted) return;
    this.#window.settle(slot, output, { bytes: output === SKIP ? 0 : sizeOf(output, slot.bytes), isAtOnce });
  }

  #endCall(): void {
    this.#inProgress -= 1;
    this.startMore();
    this.#options.onEnded();
    if (this.#inProgress > 0) return;
    const idle = this.#idle;
    this.#idle = [];
    for (const resolve of idle) resolve();
  }
}
