import type { ProviderRequest, ProviderResponse } from "@parallel-parrot/providers";
import type { Dispatcher } from "undici";
import { createAgent } from "./agent.ts";
import { BodyMemory } from "./body-memory.ts";
import { InFlight } from "./in-flight.ts";
import { ResponseHandler } from "./response-handler.ts";

/** Options of {@linkcode createHttpClient}. */
export interface HttpClientOptions {
  readonly dispatcher: Dispatcher;
  /** The time from sending a request to the last byte of its response. */
  readonly timeoutMs: number;
  /** The most bytes that a body may have, decompressed. */
  readonly maxBytes: number;
}

/** Sends requests and reads whole responses. */
export interface HttpClient {
  /**
   * Posts one request and reads the whole response. Redirects are not followed, as they would carry the key and the
   * prompt to another host.
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

let shared: Dispatcher | undefined;

/** The agent that all pipelines of a process share, unless they are given a dispatcher. */
export function sharedAgent(): Dispatcher {
  shared ??= createAgent();
  return shared;
}

/** Bytes that all bodies together may take in a process while they are being received. */
const MAX_BODY_BYTES = 512 * 2 ** 20;
const memory = new BodyMemory(MAX_BODY_BYTES);

/** Makes an {@linkcode HttpClient}. Its `post` runs a million times in a run, so it is made to cost little. */
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
      const handler = new ResponseHandler({ host, maxBytes, memory, peers, resolve, reject });
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

/** Merges headers and credentials. Mostly they are the same objects for all requests, and then so is the result. */
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

/** How many URLs are kept with their parts. A run sends to one or two. */
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
