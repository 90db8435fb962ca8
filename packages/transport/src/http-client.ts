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
  const inFlight = new InFlight(timeoutMs);
  const mergeHeaders = headerMerger();
  return {
    post(request, credentials, signal) {
      if (signal.aborted) return Promise.reject<ProviderResponse>(signal.reason);
      const { origin, path, host } = targetOf(request.url, targets);
      const { method, body } = request;
      const headers = mergeHeaders(request.headers, credentials);
      const { promise, resolve, reject } = Promise.withResolvers<ProviderResponse>();
      const peers = inFlight.peersOf(signal);
      const handler = new ResponseHandler({ host, maxBytes, peers, resolve, reject });
      try {
        dispatcher.dispatch({ origin, path, method, headers, body }, handler);
      } catch (error) {
        handler.fail(error);
      }
      return promise;
    },
  };
}

type Headers = Readonly<Record<string, string>>;

/** Headers and credentials are mostly the same objects for all requests, and then what they make is, too. */
function headerMerger(): (headers: Headers, credentials: Headers) => Record<string, string> {
  let last: { headers: Headers; credentials: Headers; merged: Record<string, string> } | undefined;
  return (headers, credentials) => {
    if (last?.headers !== headers || last.credentials !== credentials)
      last = { headers, credentials, merged: { ...headers, ...credentials } };
    return last.merged;
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

/** The requests in flight, by the signal that ends them. */
class InFlight {
  readonly #timeoutMs: number;
  readonly #peers = new WeakMap<AbortSignal, Peers>();
  #last: { readonly signal: AbortSignal; readonly peers: Peers } | undefined;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  peersOf(signal: AbortSignal): Peers {
    if (this.#last?.signal === signal) return this.#last.peers;
    const peers = this.#peers.get(signal) ?? new Peers(signal, this.#timeoutMs);
    this.#peers.set(signal, peers);
    this.#last = { signal, peers };
    return peers;
  }
}

/**
 * Requests that one signal ends. One listener and one timer serve them all: adding and removing thousands of
 * listeners on one signal takes time that grows with their number, and as all have the same time, the first
 * one sent is the first to be late.
 */
class Peers {
  readonly #timeoutMs: number;
  /** In the order in which they were sent. */
  readonly #handlers = new Set<ResponseHandler>();
  #timer: NodeJS.Timeout | undefined;

  constructor(signal: AbortSignal, timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
    signal.addEventListener("abort", () => this.#handlers.forEach((each) => each.stop(signal.reason)), {
      once: true,
    });
  }

  add(handler: ResponseHandler): void {
    this.#handlers.add(handler);
    if (this.#timer === undefined) this.#setTimer(this.#timeoutMs);
  }

  delete(handler: ResponseHandler): void {
    this.#handlers.delete(handler);
    if (this.#handlers.size > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #setTimer(ms: number): void {
    this.#timer = setTimeout(() => this.#endLate(), Math.min(Math.ceil(ms), MAX_TIMER_MS));
  }

  #endLate(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (const handler of this.#handlers) {
      const leftMs = handler.sentAt + this.#timeoutMs - now;
      if (leftMs > 0) {
        this.#setTimer(leftMs);
        return;
      }
      handler.stop(new HttpError("TIMEOUT", `No complete answer within ${this.#timeoutMs} ms`));
    }
  }
}

/** Node takes a longer timer for none. */
const MAX_TIMER_MS = 2 ** 31 - 1;

interface ResponseHandlerOptions {
  /** For messages. */
  readonly host: string;
  readonly maxBytes: number;
  readonly peers: Peers;
  readonly resolve: (response: ProviderResponse | Promise<ProviderResponse>) => void;
  readonly reject: (error: unknown) => void;
}

/** Collects a response up to a number of bytes. */
class ResponseHandler implements Dispatcher.DispatchHandler {
  /** By the process's monotonic clock, as all timeouts are. */
  readonly sentAt: number = performance.now();
  readonly #options: ResponseHandlerOptions;
  readonly #chunks: Buffer[] = [];
  #controller: Dispatcher.DispatchController | undefined;
  #stopped: { readonly reason: unknown } | undefined;
  #bytes = 0;
  #status = 0;
  #headers: ProviderResponse["headers"] = {};

  constructor(options: ResponseHandlerOptions) {
    this.#options = options;
    options.peers.add(this);
  }

  /** Ends the request, begun or not, with a reason that arrives as it is. */
  stop(reason: unknown): void {
    this.#stopped ??= { reason };
    this.#release();
    this.#options.reject(reason);
    this.#controller?.abort(reason instanceof Error ? reason : new Error(String(reason)));
  }

  /** Ends the request with an error of undici or of the system. */
  fail(error: unknown): void {
    this.#release();
    this.#options.reject(this.#stopped?.reason ?? toHttpError(error, this.#options.host));
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
    const { maxBytes } = this.#options;
    this.#bytes += chunk.length;
    if (this.#bytes > maxBytes)
      this.stop(new HttpError("RESPONSE_TOO_LARGE", `The response is larger than ${maxBytes} bytes`));
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    this.#release();
    const [first] = this.#chunks;
    const bytes = first !== undefined && this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks);
    const { resolve, maxBytes } = this.#options;
    const encoding = this.#headers["content-encoding"];
    if (encoding === undefined) resolve(this.#toResponse(bytes));
    else resolve(decode(bytes, String(encoding), maxBytes).then((decoded) => this.#toResponse(decoded)));
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.fail(error);
  }

  #toResponse(body: Buffer): ProviderResponse {
    return { status: this.#status, headers: this.#headers, body: body.toString("utf8") };
  }

  #release(): void {
    this.#options.peers.delete(this);
  }
}

async function decode(bytes: Buffer, encoding: string, maxBytes: number): Promise<Buffer> {
  try {
    return await decompress(bytes, encoding, maxBytes);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof RangeError) throw new HttpError("RESPONSE_TOO_LARGE", message, error);
    throw new HttpError("BAD_RESPONSE", `Cannot decompress the response (${encoding}): ${message}`, error);
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
