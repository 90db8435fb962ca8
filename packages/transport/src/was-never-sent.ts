import { HttpError } from "./http-client.ts";
import { RejectionError } from "./rejection-error.ts";

/** Errors of finding the host and connecting to it, before a request is written. */
const CONNECTING = new Set([
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

/** Whether an error of posting shows that the request cannot have reached the server. When in doubt, it may have. */
export function wasNeverSent(error: unknown): boolean {
  const cause = error instanceof RejectionError ? error.cause : undefined;
  if (!(cause instanceof HttpError)) return false;
  if (cause.kind === "TLS") return true;
  const reason = cause.cause;
  return reason instanceof Error && "code" in reason && CONNECTING.has(String(reason.code));
}
