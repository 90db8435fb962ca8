import { codeOf, isTlsCode, NOT_CONNECTED } from "./system-codes.ts";

/** Why a request got no usable response. */
export class HttpError extends Error {
  override readonly name: string = "HttpError";
  readonly kind:
    | "NETWORK"
    | "TIMEOUT"
    | "RESPONSE_TOO_LARGE"
    | "BAD_RESPONSE"
    | "TLS"
    /** The request has a header or a path that HTTP does not allow. */
    | "INVALID_REQUEST";

  /** Whether anything of the request may have been sent; `false` where there was no connection. */
  readonly wasSent: boolean;

  constructor(kind: HttpError["kind"], message: string, cause?: unknown, wasSent = true) {
    super(message, { cause });
    this.kind = kind;
    this.wasSent = wasSent;
  }
}

/**
 * Turns an error of undici or of the system into an {@linkcode HttpError}. The reason of an abort stays as it is. An
 * error that is not known is taken for a network fault, which is tried again: a connection can end in more ways than
 * anybody has listed.
 */
export function toHttpError(error: unknown, host: string): unknown {
  if (error instanceof HttpError || !(error instanceof Error)) return error;
  // It is not kept as the `cause`: it has the bytes that it could not read, and they may echo the key.
  if (error.name === "HTTPParserError")
    return new HttpError("BAD_RESPONSE", `What ${host} sent is not HTTP: ${error.message}`);
  const code = codeOf(error);
  if (code === "UND_ERR_INVALID_ARG")
    return new HttpError("INVALID_REQUEST", `The request cannot be sent: ${error.message}`, error, false);
  if (code === "UND_ERR_HEADERS_OVERFLOW")
    return new HttpError("BAD_RESPONSE", `The headers that ${host} sent are too large`, error);
  const kind = isTlsCode(code) ? "TLS" : "NETWORK";
  const wasSent = kind !== "TLS" && !NOT_CONNECTED.has(code);
  return new HttpError(kind, `Connection to ${host} failed: ${code || error.name}`, error, wasSent);
}
