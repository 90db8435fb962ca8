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
import { ConcurrentMap } from "./concurrent-map.ts";
import { acceptPackets } from "./packet.ts";
import { PacketStream } from "./packet-stream.ts";
import { singleUse } from "./single-use.ts";
import type { Stage } from "./stage.ts";
import type { Overflow, SKIP } from "./window.ts";

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
  /** Called when the input is over and its last call has started. */
  readonly onInputEnd?: () => void;
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
  /** Does not count a call that waits for the outcome of another, until the function that is returned is called. */
  setAside(): () => void;
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
  const stage = new ConcurrentMap<In, Out>({
    map,
    concurrency,
    order,
    maxInside: options.window ?? Math.max(4096, 16 * concurrency),
    maxBytes: windowBytes,
    sizeOf: options.sizeOf ?? (() => 0),
    isBusy: options.isBusy ?? (() => false),
    overflow: options.overflow,
    signal: options.signal,
    onInputEnd: options.onInputEnd,
    onSettled: options.onSettled,
  });
  return singleUse({
    readable: new PacketStream(stage.readable),
    writable: acceptPackets(stage.writable),
    finish: (reason, thenError) => stage.finish(reason, thenError),
    resume: () => stage.resume(),
    setAside: () => stage.setAside(),
  });
}

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
  onInputEnd: aFunction,
  onSettled: aFunction,
};
