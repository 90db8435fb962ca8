import { isParrotError } from "@parallel-parrot/core";
import { RejectionError } from "../errors/rejection-error.ts";

/** Headers with the key. They are added just before a request is sent, and shown nowhere. */
export type Credentials = Readonly<Record<string, string>>;

/** A provider, or its batches. */
interface Authorizer<T> {
  authorize(request: T): Credentials | Promise<Credentials>;
}

/** Gets the credentials of a request. They may come from a token service, which can fail for a moment like any server. */
export function authorize<T>(authorizer: Authorizer<T>, request: T): Credentials | Promise<Credentials> {
  try {
    const credentials = authorizer.authorize(request);
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
