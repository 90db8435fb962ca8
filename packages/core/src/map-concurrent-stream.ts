import type { Stage } from "./stage.ts";

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
  /** Size of a chunk in bytes, for `windowBytes`: of an input while its call runs, then of its output. @default counts nothing */
  readonly sizeOf?: (chunk: In | Out) => number;
  /** Ends everything at once, with its reason on both sides. */
  readonly signal?: AbortSignal;
  /** Called once, when no call is in progress any more and none will start. */
  readonly onSettled?: () => void;
}

/** A {@linkcode mapConcurrentStream} with a way to end it early. */
export interface ConcurrentStage<In, Out> extends Stage<In, Out> {
  /**
   * Takes no more input (upstream is cancelled with `reason`), lets the calls in progress finish, emits their
   * outputs, then closes the readable side, or errors it when `thenError` is given.
   */
  finish(reason: unknown, thenError?: unknown): void;
}

/** What a `map` returns to emit nothing for its input. */
export const SKIP: unique symbol = Symbol("skip");

interface Slot<Out> {
  output: Out | typeof SKIP;
  bytes: number;
  done: boolean;
}

/**
 * A stage that turns each chunk into one other, many at a time. `map` gets a signal that fires when the run is
 * aborted, cancelled or failed elsewhere; a rejection of `map` stops the run with that error on both sides.
 * Inside are never more than `window` chunks, so a slow reader slows the source.
 */
export function mapConcurrentStream<In, Out>(
  map: (input: In, signal: AbortSignal) => Promise<Out | typeof SKIP>,
  options: MapConcurrentOptions<In, Out>,
): ConcurrentStage<In, Out> {
  const { concurrency, order = "input", windowBytes = 64 * 2 ** 20, sizeOf = () => 0 } = options;
  const window = options.window ?? Math.max(4096, 16 * concurrency);
  requirePositive("concurrency", concurrency);
  requirePositive("window", window);

  const stop = new AbortController();
  const inFlight = new Set<Promise<void>>();
  /** Started or finished and not yet read; in completion order only finished ones are here. */
  const slots = new Queue<Slot<Out>>();
  let inside = 0;
  let insideBytes = 0;
  let ended = false;
  let isSettled = false;
  let endError: unknown;
  let wakeWriter: (() => void) | undefined;
  let wakeReader: (() => void) | undefined;
  let inlet: WritableStreamDefaultController | undefined;
  let outlet: ReadableStreamDefaultController<Out> | undefined;

  const isFull = (): boolean =>
    inFlight.size >= concurrency || inside >= window || insideBytes >= windowBytes;

  function fail(error: unknown): void {
    if (stop.signal.aborted) return;
    stop.abort(error);
    inlet?.error(error);
    outlet?.error(error);
    wakeWriter?.();
    wakeReader?.();
    void settled();
  }

  function abort(): void {
    fail(options.signal?.reason);
  }

  async function run(input: In, slot: Slot<Out>): Promise<void> {
    try {
      slot.output = await map(input, stop.signal);
      insideBytes -= slot.bytes;
      slot.bytes = slot.output === SKIP ? 0 : sizeOf(slot.output);
      insideBytes += slot.bytes;
      slot.done = true;
      if (order === "completion") slots.push(slot);
    } catch (error) {
      fail(error);
    }
  }

  function start(input: In): void {
    const slot: Slot<Out> = { output: SKIP, bytes: sizeOf(input), done: false };
    inside += 1;
    insideBytes += slot.bytes;
    if (order === "input") slots.push(slot);
    const call = run(input, slot).finally(() => {
      inFlight.delete(call);
      wakeReader?.();
      if (!isFull()) wakeWriter?.();
    });
    inFlight.add(call);
  }

  /** Takes the next output that may be emitted; `SKIP` where none is ready. */
  function take(): Out | typeof SKIP {
    for (let slot = slots.peek(); slot?.done === true; slot = slots.peek()) {
      slots.shift();
      inside -= 1;
      insideBytes -= slot.bytes;
      if (!isFull()) wakeWriter?.();
      const { output } = slot;
      // The queue keeps the slot for a while; it must not keep the output.
      slot.output = SKIP;
      if (output !== SKIP) return output;
    }
    return SKIP;
  }

  async function settled(): Promise<void> {
    while (inFlight.size > 0) await Promise.all(inFlight);
    if (!isSettled) {
      isSettled = true;
      options.signal?.removeEventListener("abort", abort);
      options.onSettled?.();
    }
  }

  async function end(): Promise<void> {
    await settled();
    ended = true;
    wakeReader?.();
    wakeWriter?.();
  }

  const writable = new WritableStream<In>({
    start(controller) {
      inlet = controller;
    },
    async write(input) {
      start(input);
      while (isFull() && !stop.signal.aborted && !ended) {
        await new Promise<void>((resolve) => {
          wakeWriter = resolve;
        });
      }
      wakeWriter = undefined;
    },
    close: end,
    async abort(reason) {
      fail(reason);
      await settled();
    },
  });

  const readable = new ReadableStream<Out>(
    {
      start(controller) {
        outlet = controller;
      },
      async pull(controller) {
        for (;;) {
          if (stop.signal.aborted) return;
          const output = take();
          if (output !== SKIP) {
            controller.enqueue(output);
            return;
          }
          if (ended && inside === 0) {
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
    wakeWriter?.();
    void end();
  }

  return { readable, writable, finish };
}

function requirePositive(name: string, value: number): void {
  if (!(value >= 1))
    throw new RangeError(`Cannot run concurrently: ${name} must be at least 1, got ${value}`);
}

/** First in, first out, in amortised constant time (`Array.shift` moves every element). */
class Queue<T> {
  #items: T[] = [];
  #head = 0;

  push(item: T): void {
    this.#items.push(item);
  }

  peek(): T | undefined {
    return this.#items[this.#head];
  }

  shift(): void {
    this.#head += 1;
    if (this.#head > 1024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
  }
}
