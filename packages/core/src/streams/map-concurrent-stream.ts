import { acceptPackets, itemsOf, MAX_PACKET_ITEMS, Packet } from "./packet.ts";
import { checkOptions } from "../options/check-options.ts";
import {
  aFunction,
  aNumberAbove0,
  anObject,
  aSignal,
  expecting,
  oneOf,
  required,
  type OptionChecks,
} from "../options/option-check.ts";
import { PacketStream } from "./packet-stream.ts";
import { singleUse } from "./single-use.ts";
import type { Stage } from "./stage.ts";
import { SKIP, Window, type Overflow, type Slot } from "./window.ts";

/** Options for {@linkcode mapConcurrentStream}. */
export interface MapConcurrentOptions<In, Out> {
  /** Calls of `map` in progress at once, at most. */
  readonly concurrency: number;
  /** `"input"` keeps the order of the input; `"completion"` emits whatever is ready. @default "input" */
  readonly order?: "input" | "completion";
  /**
   * Chunks inside at once, at most: in progress, waiting for an earlier one, or not yet read. A small window
   * makes the calls behind a slow one wait. @default 16 × concurrency, at least 4096
   */
  readonly window?: number;
  /** Bytes inside beyond which no new call starts. @default 64 MiB */
  readonly windowBytes?: number;
  /**
   * Size of a chunk in bytes, for `windowBytes`: of an input while its call runs, then of its output, with the
   * input's size at hand. @default counts nothing
   */
  readonly sizeOf?: (chunk: In | Out, inputBytes?: number) => number;
  /**
   * Where outputs are put that wait for a slow one before them, once those in memory take a quarter of `windowBytes`.
   * @default they stay in memory
   */
  readonly overflow?: Overflow<Out>;
  /**
   * Whether the calls in progress wait for something that a new call would have to wait for as well. No call starts
   * then. Asked again at the end of each call and on `resume`. @default never
   */
  readonly isBusy?: () => boolean;
  /** Ends everything at once, with its reason on both sides. */
  readonly signal?: AbortSignal;
  /**
   * Called once, when no call is in progress any more and none will start: whether the input was worked through
   * to its end. The stage ends when it has; where it throws or rejects, the stage fails with that.
   */
  readonly onSettled?: (isWhole: boolean) => void | Promise<void>;
}

/** A {@linkcode mapConcurrentStream} with a way to end it early. */
export interface ConcurrentStage<In, Out> extends Stage<In, Out> {
  /**
   * Takes no more input (upstream is cancelled with `reason`), lets the calls in progress finish, emits their
   * outputs, then closes the readable side, or errors it when `thenError` is given.
   */
  finish(reason: unknown, thenError?: unknown): void;
  /** Looks again whether there is room for more calls. */
  resume(): void;
}

/**
 * A stage that turns each chunk into one other, many at a time. `map` gets a signal that fires when the run is
 * aborted, cancelled or failed elsewhere; a throw or rejection of `map`, or of any function among the options,
 * stops the run with that error on both sides. It never holds more than `window` chunks and one packet that waits for
 * room, so a slow reader slows the source. When a call ends, the next one starts; outputs of calls that end in one
 * turn of the event loop are emitted together. Calls that give no promise let the event loop have its turn, too.
 */
export function mapConcurrentStream<In, Out>(
  map: (input: In, signal: AbortSignal) => Out | typeof SKIP | Promise<Out | typeof SKIP>,
  options: MapConcurrentOptions<In, Out>,
): ConcurrentStage<In, Out> {
  checkOptions("mapConcurrentStream", options, OPTIONS);
  const { concurrency, order = "input", windowBytes = 64 * 2 ** 20 } = options;
  const { sizeOf = () => 0, isBusy = () => false, overflow } = options;
  const maxInside = options.window ?? Math.max(4096, 16 * concurrency);

  const stop = new AbortController();
  const window = new Window<Out>({ order, maxBytes: windowBytes, overflow });
  let inProgress = 0;
  let isStarting = false;
  let startedInTurn = 0;
  /** The packet being started, and how far. */
  let inputs: readonly In[] = [];
  let position = 0;
  let ended = false;
  let isWhole = false;
  let settling: Promise<void> | undefined;
  let endError: unknown;
  let resolveWrite: (() => void) | undefined;
  let wakeReader: (() => void) | undefined;
  let isWakePlanned = false;
  const idle = new Set<() => void>();
  let inlet: WritableStreamDefaultController | undefined;
  let outlet: ReadableStreamDefaultController<Packet<Out>> | undefined;

  const isFull = (): boolean =>
    inProgress >= concurrency ||
    window.length >= maxInside ||
    window.bytes >= windowBytes ||
    startedInTurn >= MAX_STARTS_IN_TURN ||
    (inProgress === 0 && window.readyAtOnce >= MAX_READY_AT_ONCE) ||
    isBusy();

  function fail(error: unknown): void {
    if (stop.signal.aborted) return;
    stop.abort(error);
    inlet?.error(error);
    outlet?.error(error);
    dropInputs();
    wakeReader?.();
    closeOverflow();
    void settledQuietly();
  }

  /** Both sides fail with the first error; errors of the calls that end after it are dropped. */
  async function settledQuietly(): Promise<void> {
    try {
      await settled();
    } catch {
      // Dropped, as said above.
    }
  }

  function closeOverflow(): void {
    try {
      overflow?.close();
    } catch (error) {
      fail(error);
    }
  }

  function abort(): void {
    fail(options.signal?.reason);
  }

  /** Starts calls while there is room. The write of a packet is done when there is room after its last item. */
  function startMore(): void {
    // A call may end at once, and then there is room for another.
    if (isStarting) return;
    isStarting = true;
    try {
      while (position < inputs.length && !isFull()) {
        const input = inputs[position] as In;
        position += 1;
        start(input);
      }
      if (position < inputs.length || isFull()) return;
    } catch (error) {
      // `sizeOf` or `isBusy` threw. The error belongs to the stage, not to whoever happened to start the calls.
      fail(error);
      return;
    } finally {
      isStarting = false;
    }
    inputs = [];
    resolveWrite?.();
    resolveWrite = undefined;
  }

  function dropInputs(): void {
    inputs = [];
    position = 0;
    resolveWrite?.();
    resolveWrite = undefined;
  }

  function start(input: In): void {
    const slot = window.enter(sizeOf(input));
    inProgress += 1;
    startedInTurn += 1;
    if (startedInTurn === MAX_STARTS_IN_TURN) setImmediate(endTurn);
    try {
      const output = map(input, stop.signal);
      if (output instanceof Promise) {
        void endLater(output, slot);
        return;
      }
      settle(slot, output, true);
    } catch (error) {
      fail(error);
    }
    endCall();
  }

  function endTurn(): void {
    startedInTurn = 0;
    startMore();
  }

  async function endLater(output: Promise<Out | typeof SKIP>, slot: Slot<Out>): Promise<void> {
    try {
      settle(slot, await output, false);
    } catch (error) {
      fail(error);
    }
    endCall();
  }

  function settle(slot: Slot<Out>, output: Out | typeof SKIP, isAtOnce: boolean): void {
    if (stop.signal.aborted) return;
    window.settle(slot, output, { bytes: output === SKIP ? 0 : sizeOf(output, slot.bytes), isAtOnce });
  }

  function endCall(): void {
    inProgress -= 1;
    startMore();
    planWake();
    if (inProgress > 0) return;
    for (const resolve of idle) resolve();
    idle.clear();
  }

  /** One wake for all that ends in this turn of the event loop. */
  function planWake(): void {
    if (isWakePlanned || wakeReader === undefined) return;
    isWakePlanned = true;
    setImmediate(() => {
      isWakePlanned = false;
      wakeReader?.();
    });
  }

  /** Takes the outputs that may be emitted, a packet's worth at most. */
  function take(): Out[] {
    try {
      const outputs = window.take(MAX_PACKET_ITEMS);
      startMore();
      return outputs;
    } catch (error) {
      // The outputs that were put away cannot be read any more.
      fail(error);
      return [];
    }
  }

  async function settled(): Promise<void> {
    while (inProgress > 0) await new Promise<void>((resolve) => idle.add(resolve));
    settling ??= settleOnce();
    await settling;
  }

  async function settleOnce(): Promise<void> {
    options.signal?.removeEventListener("abort", abort);
    await options.onSettled?.(isWhole && !stop.signal.aborted);
  }

  async function end(): Promise<void> {
    try {
      await settled();
    } catch (error) {
      fail(error);
      throw error;
    }
    ended = true;
    dropInputs();
    wakeReader?.();
  }

  const writable = new WritableStream<In | Packet<In>>({
    start(controller) {
      inlet = controller;
    },
    write(chunk) {
      inputs = itemsOf(chunk);
      position = 0;
      const { promise, resolve } = Promise.withResolvers<void>();
      resolveWrite = resolve;
      startMore();
      return promise;
    },
    close() {
      isWhole = true;
      return end();
    },
    async abort(reason) {
      fail(reason);
      await settled();
    },
  });

  const readable = new ReadableStream<Packet<Out>>(
    {
      start(controller) {
        outlet = controller;
      },
      async pull(controller) {
        for (;;) {
          const outputs = stop.signal.aborted ? [] : take();
          if (stop.signal.aborted) return;
          if (outputs.length > 0) {
            controller.enqueue(new Packet(outputs));
            return;
          }
          if (ended && window.length === 0) {
            closeOverflow();
            if (stop.signal.aborted) return;
            if (endError === undefined) controller.close();
            else controller.error(endError);
            return;
          }
          await new Promise<void>((resolve) => {
            wakeReader = resolve;
          });
          wakeReader = undefined;
        }
      },
      async cancel(reason) {
        fail(reason);
        await settled();
      },
    },
    { highWaterMark: 0 },
  );

  if (options.signal?.aborted === true) abort();
  options.signal?.addEventListener("abort", abort, { once: true });

  function finish(reason: unknown, thenError?: unknown): void {
    if (ended || stop.signal.aborted) return;
    endError ??= thenError;
    inlet?.error(reason);
    dropInputs();
    // Where it fails, the readable side tells of it.
    end().catch(() => undefined);
  }

  return singleUse({
    readable: new PacketStream(readable),
    writable: acceptPackets(writable),
    finish,
    resume: startMore,
  });
}

/** Calls that start in one turn of the event loop, at most: timers and signals have theirs in between. */
const MAX_STARTS_IN_TURN = 128;
/** Outputs that are ready at once and wait for the reader, at most, while no call is in progress. */
const MAX_READY_AT_ONCE = 4 * MAX_PACKET_ITEMS;

function isPositive(value: unknown): boolean {
  return typeof value === "number" && value >= 1;
}

const OPTIONS: OptionChecks<MapConcurrentOptions<never, never>> = {
  concurrency: required(expecting("a number of at least 1", isPositive), "a number of at least 1"),
  order: oneOf("input", "completion"),
  window: expecting("a number of at least 1", isPositive),
  windowBytes: aNumberAbove0,
  sizeOf: aFunction,
  overflow: anObject,
  isBusy: aFunction,
  signal: aSignal,
  onSettled: aFunction,
};
