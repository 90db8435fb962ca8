import { isParrotError, messageOf } from "@parallel-parrot/core";
import { NeverFitsError } from "@parallel-parrot/limiter";
import { isPromptError, type Provider, type Rejection } from "@parallel-parrot/providers";
import { HttpError } from "../http/http-error.ts";

/** Why an attempt brought no answer, with the verdict that says what is to be done. */
export class RejectionError extends Error {
  override readonly name: string = "RejectionError";
  readonly rejection: Rejection;

  constructor(rejection: Rejection, cause?: unknown) {
    super(rejection.message, { cause });
    this.rejection = rejection;
  }
}

/** Puts a verdict on a request that got no usable response. Returns any other error as it is. */
export function rejectHttpError(error: unknown): unknown {
  if (!(error instanceof HttpError)) return error;
  const { kind, message } = error;
  if (kind === "RESPONSE_TOO_LARGE")
    return new RejectionError({ verdict: "fail", code: kind, message }, error);
  if (kind === "INVALID_REQUEST")
    return new RejectionError({ verdict: "stop", code: "SETUP_FAILED", message }, error);
  if (kind === "TLS" || kind === "PROXY")
    return new RejectionError({ verdict: "stop", code: "UNREACHABLE", message }, error);
  return new RejectionError({ verdict: "retry", code: kind, message }, error);
}

/**
 * Puts a verdict on a prompt that no request can be built from: the provider cannot be asked this, or it throws,
 * which no provider should. Returns an error of the whole run as it is.
 */
export function rejectPrompt(error: unknown, provider: Provider): unknown {
  if (isParrotError(error)) return error;
  if (isPromptError(error))
    return new RejectionError({ verdict: "fail", code: error.code, message: error.message }, error);
  const message = `The provider ${provider.name} cannot build the request: ${messageOf(error)}`;
  return new RejectionError({ verdict: "fail", code: "STAGE_FAILED", message }, error);
}

/** Puts a verdict on a request that is larger than a whole rate limit. Returns any other error as it is. */
export function rejectReserve(error: unknown): unknown {
  if (!(error instanceof NeverFitsError)) return error;
  return new RejectionError({ verdict: "fail", code: "REQUEST_TOO_LARGE", message: error.message }, error);
}
