import { isParrotError } from "@parallel-parrot/core";
import type { Provider, ProviderRequest } from "@parallel-parrot/providers";
import { RejectionError } from "../errors/rejection-error.ts";

/** Headers with the key. They are added just before a request is sent, and shown nowhere. */
export type Credentials = Readonly<Record<string, string>>;

/** Gets the credentials of a request. They may come from a token service, which can fail for a moment like any server. */
export function authorize(provider: Provider, request: ProviderRequest): Credentials | Promise<Credentials> {
  try {
    const credentials = provider.authorize(request);
    return credentials instanceof Promise ? credentials.catch(refuseCredentials) : credentials;
  } catch (error) {
    return refuseCredentials(error);
  }
}

function refuseCredentials(error: unknown): never {
  if (isParrotError(error)) throw error;
  const message = `Cannot get credentials: ${error instanceof Error ? error.message : String(error)}`;
  throw new RejectionError({ verdict: "retry", code: "NETWORK", message }, error);
}
