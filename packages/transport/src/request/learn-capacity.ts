import type { Limiter } from "@parallel-parrot/limiter";
import type { Provider } from "@parallel-parrot/providers";
import { createHttpClient, type HttpClientOptions } from "../http/http-client.ts";
import { InFlight } from "../http/in-flight.ts";
import { Patience } from "../waiting/patience.ts";
import type { Credentials } from "./authorize.ts";

/** A server that does not tell it in this time works on requests all the same. */
const TIMEOUT_MS = 5_000;
const MAX_BYTES = 2 ** 20;

/** What {@linkcode learnCapacity} needs. */
export interface CapacityQuestion extends Pick<HttpClientOptions, "dispatcher"> {
  readonly provider: Provider;
  readonly limiter: Limiter;
  readonly credentials: Credentials;
  readonly signal: AbortSignal;
}

/**
 * Asks a server how many requests it works on at once, and begins with so many. A server that does not tell is asked
 * as any other: nothing is made of an error.
 */
export async function learnCapacity(question: CapacityQuestion): Promise<void> {
  const { dispatcher, provider, limiter, credentials, signal } = question;

  const { capacity } = provider;
  if (capacity === undefined) return;
  const client = createHttpClient({
    dispatcher,
    inFlight: new InFlight(new Patience(TIMEOUT_MS)),
    maxBytes: MAX_BYTES,
  });
  try {
    const count = capacity.read(await client.get(capacity.url, credentials, signal));
    if (count !== undefined) limiter.startWith?.(count);
  } catch {
    // What is wrong with the server is told by the request that goes with this one.
  }
}
