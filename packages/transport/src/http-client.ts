import { systemClock } from "@parallel-parrot/limiter";
import type { ProviderRequest, ProviderResponse } from "@parallel-parrot/providers";
import type { Dispatcher } from "undici";
import { createAgent } from "./agent.ts";
import { decompress } from "./decompress.ts";

/** Options of {@linkcode createHttpClient}. */
export interface HttpClientOptions {
  readonly dispatcher: Dispatcher;
  /** From sending to the last byte. */
  readonly timeoutMs: number;
  /** Most bytes of the body, decompressed. */
  readonly maxBytes: number;
}

/** Sends requests and reads whole responses. */
export interface HttpClient {
  /**
   * Posts one request and reads the whole response. Redirects are not followed: they would carry the key and
   * the prompt to another host.
   *
   * @param credentials headers that must not be in the request itself
   * @throws HttpError, or the signal's reason
   */
  post(
    request: ProviderRequest,
    credentials: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<ProviderResponse>;
}

/** A request that got no usable response. */
export class HttpError extends Error {
  override readonly name: string = "HttpError";
  readonly kind: "NETWORK" | "TIMEOUT" | "RESPONSE_TOO_LARGE" | "BAD_RESPONSE" | "TLS";

  /** Whether anything of the request may have been sent; `false` where there was no connection. */
  readonly wasSent: boolean;

  constructor(kind: HttpError["kind"], message: string, cause?: unknown, wasSent = true) {
    super(message, { cause });
    this.kind = kind;
    this.wasSent = wasSent;
  }
}

let shared: Dispatcher | undefined;

/** The agent that all pipelines of a process use unless told otherwise. */
export function sharedAgent(): Dispatcher {
  shared ??= createAgent();
  return shared;
}

/** Makes an {@linkcode HttpClient}. What one request costs here, a million pay. */
export function createHttpClient({ dispatcher, timeoutMs, maxBytes }: HttpClientOptions): HttpClient {
  const targets = new Map<string, Target>();
  const inFlight = new InFlight();
  return {
    async post(request, credentials, signal) {
      signal.throwIfAborted();
      const target = targetOf(request.url, targets);
      const { method, body } = request;
      const headers = { ...request.headers, ...credentials };
      const { origin, path } = target;
      const { promise, resolve, reject } = Promise.withResolvers<RawResponse>();
      const handler = new ResponseHandler(maxBytes, resolve, reject);
      const cancelTimer = systemClock.after(timeoutMs, () => {
        handler.stop(new HttpError("TIMEOUT", `No complete answer within ${timeoutMs} ms`));
      });
      inFlight.add(handler, signal);
      try {
        dispatcher.dispatch({ origin, path, method, headers, body }, handler);
        return await readBody(await promise, maxBytes);
      } catch (error) {
        throw error === signal.reason ? error : toHttpError(error, target.host);
      } finally {
        cancelTimer();
        inFlight.delete(handler, signal);
      }
    },
  };
}

interface Target {
  readonly origin: string;
  readonly path: string;
  readonly host: string;
}

/** URLs whose parts are kept: a run asks one or two. */
const MAX_TARGETS = 64;

function targetOf(url: string, targets: Map<string, Target>): Target {
  const known = targets.get(url);
  if (known !== undefined) return known;
  const { origin, pathname, search, host } = new URL(url);
  const target = { origin, path: pathname + search, host };
  if (targets.size >= MAX_TARGETS) targets.clear();
  targets.set(url, target);
  return target;
}

/**
 * The requests that a signal ends. One listener serves them all: adding and removing thousands on one signal
 * takes time that grows with their number.
 */
class InFlight {
  readonly #handlers = new WeakMap<AbortSignal, Set<ResponseHandler>>();

  add(handler: ResponseHandler, signal: AbortSignal): void {
    let handlers = this.#handlers.get(signal);
    if (handlers === undefined) {
      const added = new Set<ResponseHandler>();
      handlers = added;
      this.#handlers.set(signal, handlers);
      signal.addEventListener("abort", () => added.forEach((each) => each.stop(signal.reason)), {
        once: true,
      });
    }
    handlers.add(handler);
  }

  delete(handler: ResponseHandler, signal: AbortSignal): void {
    this.#handlers.get(signal)?.delete(handler);
  }
}

async function readBody({ status, headers, body }: RawResponse, maxBytes: number): Promise<ProviderResponse> {
  const encoding = String(headers["content-encoding"] ?? "");
  if (encoding === "") return { status, headers, body: body.toString("utf8") };
  try {
    const decoded = await decompress(body, encoding, maxBytes);
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

  /** Ends the request, begun or not, with a reason that arrives as it is. */
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
    const [first = Buffer.alloc(0), ...rest] = this.#chunks;
    const body = rest.length === 0 ? first : Buffer.concat(this.#chunks);
    this.#resolve({ status: this.#status, headers: this.#headers, body });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#reject(this.#stopped?.reason ?? error);
  }
}

/** Errors of finding the host and connecting to it, before a request is written. */
const CONNECTING: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EADDRNOTAVAIL",
  "UND_ERR_CONNECT_TIMEOUT",
  "EMFILE",
  "ENFILE",
]);

/** Makes an error of undici or of the system ours; the reason of an abort stays as it is. */
function toHttpError(error: unknown, host: string): unknown {
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
  if (error instanceof HttpError || !(error instanceof Error) || code === "") return error;
  const kind = /^(ERR_SSL|ERR_TLS|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_MISMATCH)/.test(code)
    ? "TLS"
    : "NETWORK";
  const wasSent = kind !== "TLS" && !CONNECTING.has(code);
  return new HttpError(kind, `Connection to ${host} failed: ${code}`, error, wasSent);
}
