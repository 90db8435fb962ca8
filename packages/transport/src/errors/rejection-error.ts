import { isParrotError, messageOf } from "@parallel-parrot/core";
import { NeverFitsError } from "@parallel-parrot/limiter";
import { isPromptError, type Provider, type Rejection } from "@parallel-parrot/providers";
import { HttpError } from "../http/http-error.ts";

/** An attempt that brought no answer, with the verdict on it. */
export class RejectionError extends Error {
  override readonly name: string = "RejectionError";
  readonly rejection: Rejection;

  constructor(rejection: Rejection, cause?: unknown) {
    super(rejection.message, { cause });
    this.rejection = rejection;
  }
}

/** The verdict on a request that got no usable response. Anything else is passed through as it is. */
export function rejectHttpError(error: unknown): unknown {
  if (!(error instanceof HttpError)) return error;
  const { kind, message } = error;
  if (kind === "RESPONSE_TOO_LARGE")
    return new RejectionError({ verdict: "fail", code: kind, message }, error);
  if (kind === "INVALID_REQUEST")
    return new RejectionError({ verdict: "stop", code: "SETUP_FAILED", message }, error);
  if (kind === "TLS") return new RejectionError({ verdict: "stop", code: "UNREACHABLE", message }, error);
  return new RejectionError({ verdict: "retry", code: kind, message }, error);
}

/**
 * The verdict on a prompt of which no request can be built: one that the provider cannot be asked, or over which it
 * throws, as none should. An error of the whole run is passed through as it is.
 */
export function rejectPrompt(error: unknown, provider: Provider): unknown {
  if (isParrotError(error)) return error;
  if (isPromptError(error))
    return new RejectionError({ verdict: "fail", code: error.code, message: error.message }, error);
  const message = `The provider ${provider.name} cannot build the request: ${messageOf(error)}`;
  return new RejectionError({ verdict: "fail", code: "STAGE_FAILED", message }, error);
}

/** The verdict on a request that is larger than a whole limit. Anything else is passed through as it is. */
export function rejectReserve(error: unknown): unknown {
  if (!(error instanceof NeverFitsError)) return error;
  return new RejectionError({ verdict: "fail", code: "REQUEST_TOO_LARGE", message: error.message }, error);
}
