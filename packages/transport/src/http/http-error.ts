import { ConnectError } from "./proxy/connect-error.ts";
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
    /** The proxy refuses to connect, or the user who asks. */
    | "PROXY"
    /** The request has a header or a path that HTTP does not allow. */
    | "INVALID_REQUEST";

  /**
   * Whether the server may have carried out the request; `false` where there was no connection, or where not all of a
   * body from a file was sent.
   */
  readonly wasSent: boolean;

  constructor(kind: HttpError["kind"], message: string, cause?: unknown, wasSent = true) {
    super(message, { cause });
    this.kind = kind;
    this.wasSent = wasSent;
  }
}

/** Codes of certificates that nobody has signed whom Node.js knows. */
const UNKNOWN_ISSUER: ReadonlySet<string> = new Set([
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
]);
const ISSUER_REMEDY =
  "Where your company or you sign certificates, set NODE_EXTRA_CA_CERTS to the file of the signing certificate";

/** What helps where TLS fails for another reason. */
const TLS_REMEDIES: ReadonlyMap<string, string> = new Map([
  ...["ERR_SSL_WRONG_VERSION_NUMBER", "ERR_SSL_PACKET_LENGTH_TOO_LONG", "ERR_SSL_HTTP_REQUEST"].map(
    (code) => [code, "What answers there does not speak TLS: its address may begin with http:"] as const,
  ),
  [
    "ERR_TLS_CERT_ALTNAME_INVALID",
    "The server's certificate is for another name: give the address with the name that it is for",
  ],
  ["CERT_HAS_EXPIRED", "The server's certificate has expired, or this machine's clock is wrong"],
]);

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
  if (error instanceof ConnectError && !isTlsCode(error.code))
    return new HttpError(error.isTransient ? "NETWORK" : "PROXY", error.message, error, false);
  const code = codeOf(error);
  if (code === "UND_ERR_INVALID_ARG")
    return new HttpError("INVALID_REQUEST", `The request cannot be sent: ${error.message}`, error, false);
  if (code === "UND_ERR_HEADERS_OVERFLOW")
    return new HttpError("BAD_RESPONSE", `The headers that ${host} sent are too large`, error);
  const kind = isTlsCode(code) ? "TLS" : "NETWORK";
  const wasSent = kind !== "TLS" && !NOT_CONNECTED.has(code);
  const remedy = UNKNOWN_ISSUER.has(code) ? ISSUER_REMEDY : TLS_REMEDIES.get(code);
  const words = remedy === undefined ? "" : `. ${remedy}`;
  return new HttpError(kind, `Connection to ${host} failed: ${code || error.name}${words}`, error, wasSent);
}
