import { asError } from "@parallel-parrot/core";
import type { Dispatcher } from "undici";
import { errors } from "./undici.ts";
import { ListItem } from "../waiting/linked-list.ts";

/** A connection ended before the request was answered. `cause` says how. */
export class ConnectionLostError extends Error {
  override readonly name: string = "ConnectionLostError";
  override readonly cause: Error;

  constructor(cause: Error) {
    super(`Connection ended: ${cause.message}`, { cause });
    this.cause = cause;
  }
}

/** Where a {@linkcode PooledRequest} waits and runs. */
export interface RequestOwner {
  /** The request has its answer or its error. */
  finished(request: PooledRequest): void;
  /** The request lost its connection and must be sent on another one. */
  requeue(request: PooledRequest): void;
}

type Controller = Dispatcher.DispatchController;
type Headers = Parameters<NonNullable<Dispatcher.DispatchHandler["onResponseEnd"]>>[1];
type Upgrade = Parameters<NonNullable<Dispatcher.DispatchHandler["onRequestUpgrade"]>>;

/**
 * A request from its dispatch to its end, even if it changes its connection. For undici it is the handler, and for
 * the caller's handler it is the controller. So the caller can abort from the first moment on, and hears of the end
 * exactly once.
 */
export class PooledRequest
  extends ListItem<PooledRequest>
  implements Dispatcher.DispatchHandler, Dispatcher.DispatchController
{
  readonly options: Dispatcher.DispatchOptions;
  readonly #handler: Dispatcher.DispatchHandler;
  #owner: RequestOwner | undefined;
  /** The controller of the client that sends the request; `undefined` until the client has begun. */
  #controller: Controller | undefined;
  #reason: Error | null = null;
  #paused = false;
  done = false;
  /** Its number in the order of dispatch. */
  sequence = 0;
  /** Runs something in the context that the request was made in; `undefined` where that is of no use to anybody. */
  within: (<T>(run: () => T) => T) | undefined;

  constructor(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler) {
    super();
    this.options = options;
    this.#handler = handler;
  }

  /** Gives the caller its controller. The request may be done after this. */
  begin(owner: RequestOwner): void {
    this.#owner = owner;
    try {
      this.#handler.onRequestStart?.(this, null);
    } catch (error) {
      this.fail(asError(error));
    }
  }

  /** Ends the request with an error, unless it has ended. */
  fail(error: Error): void {
    if (this.done) return;
    this.#finish();
    this.#handler.onResponseError?.(this, error);
  }

  get aborted(): boolean {
    return this.#reason !== null || this.#controller?.aborted === true;
  }

  get reason(): Error | null {
    return this.#reason ?? this.#controller?.reason ?? null;
  }

  get paused(): boolean {
    return this.#paused;
  }

  get rawHeaders(): NonNullable<Controller["rawHeaders"]> | null {
    return this.#controller?.rawHeaders ?? null;
  }

  get rawTrailers(): NonNullable<Controller["rawTrailers"]> | null {
    return this.#controller?.rawTrailers ?? null;
  }

  abort(reason: Error): void {
    if (this.done) return;
    this.#reason ??= reason;
    this.#controller?.abort(reason);
    // A client that has not begun with the request hears of the abort when it begins.
    this.fail(reason);
  }

  pause(): void {
    this.#paused = true;
    this.#controller?.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#controller?.resume();
  }

  onRequestStart(controller: Controller): void {
    if (this.done) {
      controller.abort(this.#reason ?? new errors.RequestAbortedError());
      return;
    }
    this.#controller = controller;
    if (this.#paused) controller.pause();
  }

  onRequestUpgrade(...[, status, headers, socket]: Upgrade): void {
    this.#finish();
    this.#handler.onRequestUpgrade?.(this, status, headers, socket);
  }

  onResponseStarted(): void {
    this.#handler.onResponseStarted?.();
  }

  onResponseStart(_controller: Controller, status: number, headers: Headers, statusText?: string): void {
    this.#handler.onResponseStart?.(this, status, headers, statusText);
  }

  onResponseData(_controller: Controller, chunk: Buffer): void {
    this.#handler.onResponseData?.(this, chunk);
  }

  onResponseEnd(_controller: Controller, trailers: Headers): void {
    if (this.done) return;
    this.#finish();
    this.#handler.onResponseEnd?.(this, trailers);
  }

  onResponseError(_controller: Controller, error: Error): void {
    if (this.done) return;
    if (!(error instanceof ConnectionLostError)) {
      this.fail(error);
    } else if (this.#controller === undefined) {
      // The connection had not begun with it.
      this.#owner?.requeue(this);
    } else {
      // The server may have processed it, and an answer costs money. Only the caller can decide to send it again.
      this.fail(error.cause);
    }
  }

  onBodySent(chunk: Buffer): void {
    this.#handler.onBodySent?.(chunk);
  }

  onRequestSent(): void {
    this.#handler.onRequestSent?.();
  }

  #finish(): void {
    this.done = true;
    this.#owner?.finished(this);
  }
}
