import type { Provider, ProviderResponse } from "@parallel-parrot/providers";
import { createHttpClient, type HttpClient, type HttpClientOptions } from "../http/http-client.ts";
import { HttpError } from "../http/http-error.ts";
import { Endable, type Peers } from "../http/in-flight.ts";

/** Makes the client that sends the requests of a provider: by its own `send` where it has one, by HTTP otherwise. */
export function createClient(provider: Provider, options: HttpClientOptions): HttpClient {
  return provider.send === undefined ? createHttpClient(options) : createInProcessClient(provider, options);
}

function createInProcessClient(
  provider: Provider,
  { inFlight, maxBytes }: Pick<HttpClientOptions, "inFlight" | "maxBytes">,
): HttpClient {
  return {
    async post(request, _credentials, signal) {
      signal.throwIfAborted();
      const sent = new InProcessRequest(inFlight.peersOf(signal));
      const response = await sent.race(provider.send?.(request, sent.signal));
      if (Buffer.byteLength(response.body) <= maxBytes) return response;
      throw new HttpError("RESPONSE_TOO_LARGE", `The response is larger than ${maxBytes} bytes`);
    },
  };
}

/** A request to a function. It ends when it is stopped, even if the function ignores its signal. */
class InProcessRequest extends Endable {
  readonly #end = new AbortController();
  readonly #ended = Promise.withResolvers<never>();
  readonly #peers: Peers;

  constructor(peers: Peers) {
    super();
    this.#peers = peers;
    this.#ended.promise.catch(() => undefined);
    peers.add(this);
  }

  get signal(): AbortSignal {
    return this.#end.signal;
  }

  stop(reason: unknown): void {
    this.#peers.delete(this);
    this.#ended.reject(reason);
    this.#end.abort(reason);
  }

  async race(response: Promise<ProviderResponse> | undefined): Promise<ProviderResponse> {
    try {
      return await Promise.race(
        response === undefined ? [this.#ended.promise] : [response, this.#ended.promise],
      );
    } finally {
      this.#peers.delete(this);
    }
  }
}
