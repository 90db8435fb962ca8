import { HttpError, toHttpError } from "./http-error.ts";

/** What is wrong with a connection. */
export interface ConnectionFault {
  /** In words, with what helps where that is known. */
  readonly message: string;
  /** Whether another attempt may succeed. */
  readonly isPassing: boolean;
}

/** What an error of a request through {@linkcode createAgent} means. @param host for the message */
export function connectionFault(error: unknown, host: string): ConnectionFault {
  const known = toHttpError(error, host);
  if (!(known instanceof HttpError)) return { message: String(known), isPassing: false };
  return { message: known.message, isPassing: known.kind === "NETWORK" || known.kind === "TIMEOUT" };
}
