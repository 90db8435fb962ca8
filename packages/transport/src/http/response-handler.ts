import type { ProviderResponse } from "@parallel-parrot/providers";
import type { Dispatcher } from "undici";
import { ReceivedBody, type BodyMemory } from "./body-memory.ts";
import { GatheredBytes } from "./gathered-bytes.ts";
import { HttpError, toHttpError } from "./http-error.ts";
import { Endable, type Peers } from "./in-flight.ts";
import { readBody } from "./read-body.ts";
import { StreamEnd } from "./stream-end.ts";

interface ResponseHandlerOptions {
  /** The server, as messages name it. */
  readonly host: string;
  readonly maxBytes: number;
  readonly memory: BodyMemory;
  readonly peers: Peers;
  readonly resolve: (response: ProviderResponse | Promise<ProviderResponse>) => void;
  readonly reject: (error: unknown) => void;
  /** Whether the request goes on elsewhere, so that this response is not the one to it. */
  readonly follow: (response: Pick<ProviderResponse, "status" | "headers">) => boolean;
}

/**
 * How long the end of a response is waited for behind the end of its stream. Hanging up costs a new connection, so it is
 * only for servers that leave theirs open.
 */
const END_GRACE_MS = 1000;

/** Collects a response, up to a number of bytes. A stream that has come to the mark of its end is complete. */
export class ResponseHandler extends Endable implements Dispatcher.DispatchHandler {
  readonly #host: string;
  readonly #maxBytes: number;
  readonly #body: Body;
  readonly #memory: BodyMemory;
  readonly #peers: Peers;
  readonly #resolve: ResponseHandlerOptions["resolve"];
  readonly #reject: ResponseHandlerOptions["reject"];
  readonly #follow: ResponseHandlerOptions["follow"];
  readonly #received = new GatheredBytes();
  readonly #streamEnd = new StreamEnd();
  #hangUpTimer: NodeJS.Timeout | undefined;
  #isComplete = false;
  #stopped: { readonly reason: unknown } | undefined;
  #bytes = 0;
  #status = 0;
  #headers: ProviderResponse["headers"] = {};

  constructor({ host, maxBytes, memory, peers, resolve, reject, follow }: ResponseHandlerOptions) {
    super();
    this.#body = new Body();
    this.#memory = memory;
    this.#host = host;
    this.#maxBytes = maxBytes;
    this.#peers = peers;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#follow = follow;
    peers.add(this);
  }

  /** Ends the request, whether it has begun or not. The caller gets the reason as it is. */
  stop(reason: unknown): void {
    this.#stopped ??= { reason };
    this.#release();
    this.#reject(reason);
    this.#body.controller?.abort(reason instanceof Error ? reason : new Error(String(reason)));
  }

  /** Ends the request with an error of undici or of the system. */
  fail(error: unknown): void {
    this.#release();
    this.#reject(this.#stopped?.reason ?? toHttpError(error, this.#host));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#body.controller = controller;
    if (this.#stopped !== undefined) this.stop(this.#stopped.reason);
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: ProviderResponse["headers"],
  ): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#maxBytes) {
      this.stop(new HttpError("RESPONSE_TOO_LARGE", `The response is larger than ${this.#maxBytes} bytes`));
      return;
    }
    this.#received.add(chunk);
    if (this.#stopped !== undefined) return;
    this.#memory.take(this.#body, chunk.length);
    this.#streamEnd.take(chunk);
    clearTimeout(this.#hangUpTimer);
    if (this.#streamEnd.isReached) this.#hangUpTimer = setTimeout(() => this.#hangUp(), END_GRACE_MS);
  }

  onResponseEnd(): void {
    this.#release();
    this.#isComplete = true;
    if (this.#stopped === undefined && this.#follow({ status: this.#status, headers: this.#headers })) return;
    const body = readBody(this.#received.whole(), this.#headers, this.#maxBytes);
    if (typeof body === "string") this.#resolve(this.#toResponse(body));
    else this.#resolve(body.then((text) => this.#toResponse(text)));
  }

  /** A connection that is lost behind the end of the stream takes nothing of the answer with it. */
  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#isComplete) return;
    if (this.#streamEnd.isReached && this.#stopped === undefined) this.onResponseEnd();
    else this.fail(error);
  }

  #hangUp(): void {
    this.onResponseEnd();
    this.#body.controller?.abort(
      new Error("The server leaves the connection open behind the end of its stream"),
    );
  }

  #toResponse(body: string): ProviderResponse {
    return { status: this.#status, headers: this.#headers, body };
  }

  #release(): void {
    clearTimeout(this.#hangUpTimer);
    this.#peers.delete(this);
    this.#memory.release(this.#body);
  }
}

/** The body of a response, as the bound on memory sees it. */
class Body extends ReceivedBody {
  controller: Dispatcher.DispatchController | undefined;

  pause(): void {
    this.controller?.pause();
  }

  resume(): void {
    this.controller?.resume();
  }
}
