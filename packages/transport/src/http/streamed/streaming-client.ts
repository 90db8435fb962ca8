import type { ProviderResponse } from "@parallel-parrot/providers";
import type { Dispatcher } from "undici";
import { HttpError } from "../http-error.ts";
import { headerOf, readBody } from "../read-body.ts";
import { targetOf } from "../redirect-target.ts";
import type { SlicedBody } from "./file-body.ts";
import type { ProgressLimits } from "./progress-clock.ts";
import { responseLines, type LineLimits } from "./response-lines.ts";
import { StreamedExchange, type ResponseHead } from "./streamed-exchange.ts";
import { unpack } from "./unpack.ts";

/** A request whose body may be larger than what fits into memory. */
export interface StreamedRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly url: string;
  /** With the credentials. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | SlicedBody | undefined;
}

/** Options of {@linkcode StreamingClient}. */
export interface StreamingClientOptions extends ProgressLimits {
  readonly dispatcher: Dispatcher;
  /** The most bytes of a response that is read as a whole, decompressed. */
  readonly maxBytes: number;
}

/**
 * Sends bodies from files and reads responses as they come, over the same connections as other requests. A redirect is
 * a response and is not followed.
 */
export class StreamingClient {
  readonly #options: StreamingClientOptions;

  constructor(options: StreamingClientOptions) {
    this.#options = options;
  }

  /** Sends a request. Its response has to be read or left, as it holds a connection. @throws HttpError, or the signal's reason */
  async send(request: StreamedRequest, signal: AbortSignal): Promise<StreamedResponse> {
    signal.throwIfAborted();
    const { method, url, headers } = request;
    const { origin, path, host } = targetOf(url);
    const slicedBody = typeof request.body === "object" ? request.body : undefined;
    const exchange = new StreamedExchange({ host, limits: this.#options, signal, slicedBody });
    const { body } = exchange;
    const dispatched: Dispatcher.DispatchOptions = {
      origin,
      path,
      method,
      headers: body === undefined ? headers : { ...headers, "content-length": String(body.bytes) },
      body: typeof request.body === "string" ? request.body : (body?.stream() ?? null),
    };
    try {
      this.#options.dispatcher.dispatch(dispatched, exchange);
    } catch (error) {
      exchange.fail(error);
    }
    return new StreamedResponse(await exchange.head(), exchange.chunks(), this.#options.maxBytes);
  }
}

/** A response that is read once: as a whole or line by line. */
export class StreamedResponse {
  readonly status: number;
  readonly headers: ProviderResponse["headers"];
  readonly #chunks: AsyncIterable<Buffer>;
  readonly #maxBytes: number;

  constructor({ status, headers }: ResponseHead, chunks: AsyncIterable<Buffer>, maxBytes: number) {
    this.status = status;
    this.headers = headers;
    this.#chunks = chunks;
    this.#maxBytes = maxBytes;
  }

  /** @throws HttpError, or the signal's reason */
  async whole(): Promise<ProviderResponse> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of this.#chunks) {
      bytes += chunk.length;
      if (bytes > this.#maxBytes) throw tooLarge(this.#maxBytes);
      chunks.push(chunk);
    }
    const body = await readBody(Buffer.concat(chunks), this.headers, this.#maxBytes);
    return { status: this.status, headers: this.headers, body };
  }

  /** @throws HttpError, or the signal's reason */
  lines(limits: LineLimits): AsyncIterable<string> {
    const plain = unpack(this.#chunks, headerOf(this.headers, "content-encoding"));
    return responseLines(plain, headerOf(this.headers, "content-type"), limits);
  }
}

function tooLarge(maxBytes: number): HttpError {
  return new HttpError("RESPONSE_TOO_LARGE", `The response is larger than ${maxBytes} bytes`);
}
