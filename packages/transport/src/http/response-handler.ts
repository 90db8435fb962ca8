import type { ProviderResponse } from "@parallel-parrot/providers";
import type { Dispatcher } from "undici";
import { ReceivedBody, type BodyMemory } from "./body-memory.ts";
import { decodeText } from "./decode-text.ts";
import { decompress, isGzip } from "./decompress.ts";
import { HttpError, toHttpError } from "./http-error.ts";
import { Endable, type Peers } from "./in-flight.ts";

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

/** Collects a response, up to a number of bytes. */
export class ResponseHandler extends Endable implements Dispatcher.DispatchHandler {
  readonly #host: string;
  readonly #maxBytes: number;
  readonly #body: Body;
  readonly #memory: BodyMemory;
  readonly #peers: Peers;
  readonly #resolve: ResponseHandlerOptions["resolve"];
  readonly #reject: ResponseHandlerOptions["reject"];
  readonly #follow: ResponseHandlerOptions["follow"];
  readonly #chunks: Buffer[] = [];
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
    this.#chunks.push(chunk);
    if (this.#stopped === undefined) this.#memory.take(this.#body, chunk.length);
  }

  onResponseEnd(): void {
    this.#release();
    if (this.#stopped === undefined && this.#follow({ status: this.#status, headers: this.#headers })) return;
    const [first] = this.#chunks;
    const bytes = first !== undefined && this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks);
    const { "content-encoding": encoding = "" } = this.#headers;
    if (encoding === "" && !isGzip(bytes)) this.#resolve(this.#toResponse(bytes));
    else
      this.#resolve(
        decode(bytes, String(encoding), this.#maxBytes).then((decoded) => this.#toResponse(decoded)),
      );
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.fail(error);
  }

  #toResponse(body: Buffer): ProviderResponse {
    const { "content-type": contentType } = this.#headers;
    const text = decodeText(body, contentType === undefined ? undefined : String(contentType));
    return { status: this.#status, headers: this.#headers, body: text };
  }

  #release(): void {
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

async function decode(bytes: Buffer, encoding: string, maxBytes: number): Promise<Buffer> {
  try {
    return await decompress(bytes, encoding, maxBytes);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof RangeError) throw new HttpError("RESPONSE_TOO_LARGE", message, error);
    throw new HttpError(
      "BAD_RESPONSE",
      `Cannot decompress the response (${encoding || "gzip"}): ${message}`,
      error,
    );
  }
}
