import { systemClock } from "@parallel-parrot/limiter";
import type { ProviderRequest, ProviderResponse } from "@parallel-parrot/providers";
import { Agent, type Dispatcher } from "undici";
import { decompress } from "./decompress.ts";

/** Options of {@linkcode httpPost}. */
export interface HttpPostOptions {
  readonly dispatcher: Dispatcher;
  /** Headers that must not be in the request itself: the credentials. */
  readonly headers: Readonly<Record<string, string>>;
  /** From sending to the last byte. */
  readonly timeoutMs: number;
  /** Most bytes of the body, decompressed. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

/** A request that got no usable response. */
export class HttpError extends Error {
  override readonly name: string = "HttpError";
  readonly kind: "NETWORK" | "TIMEOUT" | "RESPONSE_TOO_LARGE" | "BAD_RESPONSE" | "TLS";

  constructor(kind: HttpError["kind"], message: string, cause?: unknown) {
    super(message, { cause });
    this.kind = kind;
  }
}

let shared: Agent | undefined;

/**
 * The agent that all pipelines of a process use unless told otherwise. undici's own timers are off, because
 * an answer may take longer than they allow; one deadline for the whole attempt takes their place.
 */
export function sharedAgent(): Agent {
  // allowH2 is off until HTTP/2 has been measured against many sockets.
  shared ??= new Agent({
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: 60_000,
    pipelining: 1,
    allowH2: false,
  });
  return shared;
}

/**
 * Posts one request and reads the whole response. Redirects are not followed: they would carry the key and the
 * prompt to another host.
 *
 * @throws HttpError, or the signal's reason
 */
export async function httpPost(
  request: ProviderRequest,
  options: HttpPostOptions,
): Promise<ProviderResponse> {
  const { status, headers, body } = await dispatch(request, options);
  const encoding = String(headers["content-encoding"] ?? "");
  if (encoding === "") return { status, headers, body: body.toString("utf8") };
  try {
    const decoded = await decompress(body, encoding, options.maxBytes);
    return { status, headers, body: decoded.toString("utf8") };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof RangeError) throw new HttpError("RESPONSE_TOO_LARGE", message, error);
    throw new HttpError("BAD_RESPONSE", `Cannot decompress the response (${encoding}): ${message}`, error);
  }
}

interface RawResponse {
  readonly status: number;
  readonly headers: ProviderResponse["headers"];
  readonly body: Buffer;
}

async function dispatch(request: ProviderRequest, options: HttpPostOptions): Promise<RawResponse> {
  const { dispatcher, signal, timeoutMs, maxBytes } = options;
  signal.throwIfAborted();
  const { origin, pathname, search, host } = new URL(request.url);
  const headers = { ...request.headers, ...options.headers };
  const { promise, resolve, reject } = Promise.withResolvers<RawResponse>();
  const handler = new ResponseHandler(maxBytes, resolve, (error) => reject(toHttpError(error, host)));
  const cancelTimer = systemClock.after(timeoutMs, () => {
    handler.stop(new HttpError("TIMEOUT", `No complete answer within ${timeoutMs} ms`));
  });
  const abort = (): void => {
    // First, so that the reason arrives as it is.
    reject(signal.reason);
    handler.stop(signal.reason);
  };
  signal.addEventListener("abort", abort, { once: true });
  try {
    const { method, body } = request;
    dispatcher.dispatch({ origin, path: pathname + search, method, headers, body }, handler);
    return await promise;
  } catch (error) {
    throw toHttpError(error, host);
  } finally {
    cancelTimer();
    signal.removeEventListener("abort", abort);
  }
}

/** Collects a response up to a number of bytes. */
class ResponseHandler implements Dispatcher.DispatchHandler {
  readonly #maxBytes: number;
  readonly #resolve: (response: RawResponse) => void;
  readonly #reject: (error: unknown) => void;
  readonly #chunks: Buffer[] = [];
  #controller: Dispatcher.DispatchController | undefined;
  #stopped: { readonly reason: unknown } | undefined;
  #bytes = 0;
  #status = 0;
  #headers: ProviderResponse["headers"] = {};

  constructor(maxBytes: number, resolve: (response: RawResponse) => void, reject: (error: unknown) => void) {
    this.#maxBytes = maxBytes;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** Ends the request, begun or not, with a reason. */
  stop(reason: unknown): void {
    this.#stopped ??= { reason };
    this.#reject(reason);
    this.#controller?.abort(reason instanceof Error ? reason : new Error(String(reason)));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
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
    } else {
      this.#chunks.push(chunk);
    }
  }

  onResponseEnd(): void {
    this.#resolve({ status: this.#status, headers: this.#headers, body: Buffer.concat(this.#chunks) });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#reject(this.#stopped?.reason ?? error);
  }
}

/** Makes an error of undici or of the system ours; the reason of an abort stays as it is. */
function toHttpError(error: unknown, host: string): unknown {
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
  if (error instanceof HttpError || !(error instanceof Error) || code === "") return error;
  const kind = /^(ERR_SSL|ERR_TLS|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_MISMATCH)/.test(code)
    ? "TLS"
    : "NETWORK";
  return new HttpError(kind, `Connection to ${host} failed: ${code}`, error);
}
