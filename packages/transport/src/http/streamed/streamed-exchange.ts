import type { ProviderResponse } from "@parallel-parrot/providers";
import type { Dispatcher } from "undici";
import { HttpError, toHttpError } from "../http-error.ts";
import { FileBody, type SlicedBody } from "./file-body.ts";
import { ProgressClock, type ProgressLimits } from "./progress-clock.ts";

/** A response whose body has not come yet. */
export type ResponseHead = Pick<ProviderResponse, "status" | "headers">;

/** What a {@linkcode StreamedExchange} needs. */
export interface ExchangeOptions {
  /** The server, as messages name it. */
  readonly host: string;
  readonly limits: ProgressLimits;
  readonly signal: AbortSignal;
  /** The body of the request, if it is read from a file. */
  readonly slicedBody: SlicedBody | undefined;
}

/** Bytes of the response that are held for a slow reader before the server is made to wait. */
const HELD_BYTES = 2 ** 20;
/** Pieces of it: a server may send each byte by itself. */
const HELD_PIECES = 1024;

/**
 * One request and its response, both no faster than the slower side takes them. There is no limit on its whole time, but
 * each side has to move.
 */
export class StreamedExchange implements Dispatcher.DispatchHandler {
  readonly body: FileBody | undefined;
  readonly #options: ExchangeOptions;
  readonly #head = Promise.withResolvers<ResponseHead>();
  readonly #clock = new ProgressClock((words) => this.#stop(new HttpError("TIMEOUT", words)));
  readonly #held: Buffer[] = [];
  #heldBytes = 0;
  #controller: Dispatcher.DispatchController | undefined;
  #hasHead = false;
  /** How it has ended, if it has. */
  #end: { readonly error: unknown } | "complete" | undefined;
  #wake: (() => void) | undefined;

  constructor(options: ExchangeOptions) {
    const { slicedBody, signal } = options;
    this.#options = options;
    if (slicedBody !== undefined) this.body = new FileBody(slicedBody, () => this.#sendsMore());
    signal.addEventListener("abort", this.#abort, { once: true });
    this.#awaitsHead();
    this.#head.promise.catch(() => undefined);
  }

  /** @throws HttpError, or the signal's reason */
  head(): Promise<ResponseHead> {
    return this.#head.promise;
  }

  /** The body of the response as it comes. Leaving it early ends the request. @throws HttpError, or the signal's reason */
  async *chunks(): AsyncGenerator<Buffer> {
    try {
      for (;;) {
        const chunk = this.#take();
        if (chunk !== undefined) yield chunk;
        else if (this.#end === "complete") return;
        else if (this.#end !== undefined) throw this.#end.error;
        else await this.#more();
      }
    } finally {
      this.#stop(new Error("Nobody reads the rest of the response"));
    }
  }

  /** Ends the request with an error of undici or of the system. */
  fail(error: unknown): void {
    if (this.#end !== undefined) return;
    this.#ends({ error: this.body?.error ?? this.#toError(error) });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#end !== undefined) controller.abort(new Error("The request was given up"));
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: ResponseHead["headers"],
  ): void {
    // A hint that comes before the response.
    if (status < 200) return;
    this.#hasHead = true;
    this.#receives();
    this.#head.resolve({ status, headers });
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#end !== undefined) return;
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    if (this.#heldBytes < HELD_BYTES && this.#held.length < HELD_PIECES) {
      this.#receives();
    } else {
      // Now the server waits for the reader.
      controller.pause();
      this.#clock.stop();
    }
    this.#wake?.();
  }

  onResponseEnd(): void {
    if (this.#end === undefined) this.#ends("complete");
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.fail(error);
  }

  readonly #abort = (): void => {
    this.#held.length = 0;
    this.#stop(this.#options.signal.reason);
  };

  /** Ends the request, whether it has begun or not. */
  #stop(reason: unknown): void {
    if (this.#end !== undefined) return;
    this.#ends({ error: reason instanceof HttpError ? this.#toError(reason) : reason });
    this.#controller?.abort(reason instanceof Error ? reason : new Error(String(reason)));
  }

  #ends(end: { readonly error: unknown } | "complete"): void {
    this.#end = end;
    this.#clock.stop();
    this.#options.signal.removeEventListener("abort", this.#abort);
    if (end !== "complete") this.#head.reject(end.error);
    this.#wake?.();
  }

  #take(): Buffer | undefined {
    const chunk = this.#held.shift();
    if (chunk === undefined) return undefined;
    this.#heldBytes -= chunk.length;
    if (this.#controller?.paused === true && this.#held.length === 0 && this.#end === undefined) {
      this.#receives();
      this.#controller.resume();
    }
    return chunk;
  }

  async #more(): Promise<void> {
    await new Promise<void>((resolve) => void (this.#wake = resolve));
    this.#wake = undefined;
  }

  #sendsMore(): void {
    if (this.#hasHead || this.#end !== undefined) return;
    if (this.body?.isWhole === true) this.#awaitsHead();
    else this.#clock.await(this.#options.limits.stallMs, "The server took nothing more of the request");
  }

  #awaitsHead(): void {
    this.#clock.await(this.#options.limits.answerMs, "No answer");
  }

  #receives(): void {
    this.#clock.await(this.#options.limits.stallMs, "Nothing more of the response came");
  }

  /** A server that has not got the whole request cannot have carried it out. */
  #toError(error: unknown): unknown {
    const known = toHttpError(error, this.#options.host);
    if (!(known instanceof HttpError) || this.body === undefined || this.body.isWhole) return known;
    const { takenBytes, bytes } = this.body;
    const message = `${known.message}, when ${takenBytes} of ${bytes} bytes of the request were sent`;
    return new HttpError(known.kind, message, known.cause, false);
  }
}
