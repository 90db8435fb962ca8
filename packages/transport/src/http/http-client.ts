import type { ProviderRequest, ProviderResponse } from "@parallel-parrot/providers";
import type { Dispatcher } from "undici";
import { createAgent } from "./agent.ts";
import { BodyMemory } from "./body-memory.ts";
import type { InFlight } from "./in-flight.ts";
import { isLasting, redirectTarget, targetOf, type Target } from "./redirect-target.ts";
import { ResponseHandler } from "./response-handler.ts";

/** Options of {@linkcode createHttpClient}. */
export interface HttpClientOptions {
  readonly dispatcher: Dispatcher;
  /** The requests on their way, which end when they take too long. */
  readonly inFlight: InFlight;
  /** The most bytes that a body may have, decompressed. */
  readonly maxBytes: number;
}

/** Sends requests and reads whole responses. */
export interface HttpClient {
  /**
   * Posts one request and reads the whole response. A redirect is followed within its origin. Others are not, as they
   * would carry the key and the prompt to another host: they are the response.
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

/** An {@linkcode HttpClient} that can also ask a server about itself. */
export interface GettingClient extends HttpClient {
  /** Gets an address and reads the whole response, like {@linkcode HttpClient.post}. */
  get(
    url: string,
    credentials: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<ProviderResponse>;
}

let shared: Dispatcher | undefined;

/** The agent that all pipelines of a process share, unless they are given a dispatcher. */
export function sharedAgent(): Dispatcher {
  shared ??= createAgent();
  return shared;
}

/** Bytes that all bodies together may take in a process while they are being received. */
const MAX_BODY_BYTES = 512 * 2 ** 20;
const memory = new BodyMemory(MAX_BODY_BYTES);

/** How many redirects a request follows. More are a circle. */
const MAX_REDIRECTS = 3;

/** Makes an {@linkcode HttpClient}. Its `post` runs a million times in a run, so it is made to cost little. */
export function createHttpClient({ dispatcher, inFlight, maxBytes }: HttpClientOptions): GettingClient {
  const targets = new Targets();
  const mergeHeaders = headerMerger();
  function exchange(
    { method, body, url, headers: own }: HttpRequest,
    credentials: Headers,
    signal: AbortSignal,
  ): Promise<ProviderResponse> {
    if (signal.aborted) return Promise.reject<ProviderResponse>(signal.reason);
    const headers = mergeHeaders(own, credentials);
    const { promise, resolve, reject } = Promise.withResolvers<ProviderResponse>();
    const peers = inFlight.peersOf(signal);
    const send = (target: Target, redirects: number): void => {
      const { origin, path, host } = target;
      const follow = (response: Parameters<typeof redirectTarget>[0]): boolean => {
        const next = redirects < MAX_REDIRECTS ? redirectTarget(response, target) : undefined;
        if (next === undefined) return false;
        if (isLasting(response.status, target, next)) targets.set(url, next);
        send(next, redirects + 1);
        return true;
      };
      const handler = new ResponseHandler({ host, maxBytes, memory, peers, resolve, reject, follow });
      try {
        dispatcher.dispatch({ origin, path, method, headers, body }, handler);
      } catch (error) {
        handler.fail(error);
      }
    };
    send(targets.get(url), 0);
    return promise;
  }
  return {
    post: exchange,
    get: (url, credentials, signal) =>
      exchange({ method: "GET", url, headers: GET_HEADERS, body: null }, credentials, signal),
  };
}

const GET_HEADERS: Headers = { accept: "application/json" };

type HttpRequest = Pick<ProviderRequest, "url" | "headers"> & {
  readonly method: "POST" | "GET";
  readonly body: string | null;
};

type Headers = Readonly<Record<string, string>>;

/** Merges headers and credentials. Mostly they are the same objects for all requests, and then so is the result. */
function headerMerger(): (headers: Headers, credentials: Headers) => Record<string, string> {
  let last: { headers: Headers; credentials: Headers; merged: Record<string, string> } | undefined;
  return (headers, credentials) => {
    if (last?.headers !== headers || last.credentials !== credentials)
      last = { headers, credentials, merged: { ...headers, ...credentials } };
    return last.merged;
  };
}

/** How many URLs are kept with their parts. A run sends to one or two. */
const MAX_TARGETS = 64;

/** Where the requests to a URL go: to the URL itself, or to the place that it has moved to. */
class Targets {
  readonly #targets = new Map<string, Target>();

  get(url: string): Target {
    const known = this.#targets.get(url);
    if (known !== undefined) return known;
    const target = targetOf(url);
    this.set(url, target);
    return target;
  }

  set(url: string, target: Target): void {
    if (this.#targets.size >= MAX_TARGETS) this.#targets.clear();
    this.#targets.set(url, target);
  }
}
