import { ConcurrentCalls, type ConcurrentCallsOptions } from "./concurrent-calls.ts";
import { Packet } from "./packet.ts";
import { ReaderWake } from "./reader-wake.ts";

/** How the calls of a {@linkcode ConcurrentMap} are made, and who is told of their end. */
export interface ConcurrentMapOptions<In, Out> extends Omit<
  ConcurrentCallsOptions<In, Out>,
  "signal" | "onEnded" | "onError"
> {
  /** Ends everything at once, with its reason on both sides. */
  readonly signal: AbortSignal | undefined;
  readonly onInputEnd: (() => void) | undefined;
  readonly onSettled: ((isWhole: boolean) => void | Promise<void>) | undefined;
}

/** The two sides of a stage that works on many chunks at a time, and how they end. */
export class ConcurrentMap<In, Out> {
  readonly writable: WritableStream<In | Packet<In>>;
  readonly readable: ReadableStream<Packet<Out>>;
  readonly #options: ConcurrentMapOptions<In, Out>;
  readonly #calls: ConcurrentCalls<In, Out>;
  readonly #reader = new ReaderWake();
  /** Fires with the first error. Both sides fail with it; errors of the calls that end after it are dropped. */
  readonly #failure = new AbortController();
  readonly #onAbort = (): void => this.#fail(this.#options.signal?.reason);
  /** Whether the input has come to its end. */
  #isWhole = false;
  /** Whether no call is in progress and none will start. */
  #isEnded = false;
  /** Error with which the readable side ends, after the last output. */
  #endError: unknown;
  #settling: Promise<void> | undefined;
  #inlet: WritableStreamDefaultController | undefined;
  #outlet: ReadableStreamDefaultController<Packet<Out>> | undefined;

  constructor(options: ConcurrentMapOptions<In, Out>) {
    this.#options = options;
    this.#calls = new ConcurrentCalls<In, Out>({
      ...options,
      signal: this.#failure.signal,
      onEnded: () => this.#reader.soon(),
      onError: (error) => this.#fail(error),
    });
    this.writable = new WritableStream<In | Packet<In>>({
      start: (controller) => {
        this.#inlet = controller;
      },
      write: (chunk) => this.#calls.write(chunk),
      close: () => {
        this.#isWhole = true;
        options.onInputEnd?.();
        return this.#end();
      },
      abort: (reason) => this.#failAndSettle(reason),
    });
    this.readable = new ReadableStream<Packet<Out>>(
      {
        start: (controller) => {
          this.#outlet = controller;
        },
        pull: (controller) => this.#pull(controller),
        cancel: (reason) => this.#failAndSettle(reason),
      },
      { highWaterMark: 0 },
    );
    const { signal } = options;
    if (signal?.aborted === true) this.#onAbort();
    signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  /** Takes no more input, and ends after the outputs of the calls in progress. */
  finish(reason: unknown, thenError?: unknown): void {
    if (this.#isEnded || this.#hasFailed) return;
    this.#endError ??= thenError;
    this.#inlet?.error(reason);
    this.#calls.drop();
    // Where it fails, the readable side tells of it.
    this.#end().catch(() => undefined);
  }

  /** Looks again whether there is room for more calls. */
  resume(): void {
    this.#calls.startMore();
  }

  /** Does not count a call that waits for another, until the function that is returned is called. */
  setAside(): () => void {
    return this.#calls.setAside();
  }

  get #hasFailed(): boolean {
    return this.#failure.signal.aborted;
  }

  async #pull(controller: ReadableStreamDefaultController<Packet<Out>>): Promise<void> {
    for (;;) {
      const outputs = this.#hasFailed ? [] : this.#take();
      if (this.#hasFailed) return;
      if (outputs.length > 0) {
        controller.enqueue(new Packet(outputs));
        return;
      }
      if (this.#isEnded && this.#calls.isEmpty) {
        this.#closeOverflow();
        if (this.#hasFailed) return;
        if (this.#endError === undefined) controller.close();
        else controller.error(this.#endError);
        return;
      }
      await this.#reader.wait();
    }
  }

  #take(): Out[] {
    try {
      return this.#calls.take();
    } catch (error) {
      this.#fail(error);
      return [];
    }
  }

  #fail(error: unknown): void {
    if (this.#hasFailed) return;
    this.#failure.abort(error);
    this.#inlet?.error(error);
    this.#outlet?.error(error);
    this.#calls.drop();
    this.#reader.now();
    this.#closeOverflow();
    void this.#settledQuietly();
  }

  async #failAndSettle(reason: unknown): Promise<void> {
    this.#fail(reason);
    await this.#settled();
  }

  #closeOverflow(): void {
    try {
      this.#options.overflow?.close();
    } catch (error) {
      this.#fail(error);
    }
  }

  async #end(): Promise<void> {
    try {
      await this.#settled();
    } catch (error) {
      this.#fail(error);
      throw error;
    }
    this.#isEnded = true;
    this.#calls.drop();
    this.#reader.now();
  }

  /** Resolves when no call is in progress and `onSettled` was told. */
  async #settled(): Promise<void> {
    await this.#calls.ended();
    this.#settling ??= this.#settleOnce();
    await this.#settling;
  }

  async #settledQuietly(): Promise<void> {
    try {
      await this.#settled();
    } catch {
      // Both sides have failed with the first error, and no other is told.
    }
  }

  async #settleOnce(): Promise<void> {
    const { signal, onSettled } = this.#options;
    signal?.removeEventListener("abort", this.#onAbort);
    await onSettled?.(this.#isWhole && !this.#hasFailed);
  }
}
