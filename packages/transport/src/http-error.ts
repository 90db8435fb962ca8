/** A request that got no usable response. */
export class HttpError extends Error {
  override readonly name: string = "HttpError";
  readonly kind: "NETWORK" | "TIMEOUT" | "RESPONSE_TOO_LARGE" | "BAD_RESPONSE" | "TLS";

  /** Whether anything of the request may have been sent; `false` where there was no connection. */
  readonly wasSent: boolean;

  constructor(kind: HttpError["kind"], message: string, cause?: unknown, wasSent = true) {
    super(message, { cause });
    this.kind = kind;
    this.wasSent = wasSent;
  }
}

/** Errors of finding the host and connecting to it, before a request is written. */
const CONNECTING: ReadonlySet<string> = new Set([
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

/** Makes an error of undici or of the system ours; the reason of an abort stays as it is. */
export function toHttpError(error: unknown, host: string): unknown {
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
  if (error instanceof HttpError || !(error instanceof Error) || code === "") return error;
  const kind = /^(ERR_SSL|ERR_TLS|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_MISMATCH)/.test(code)
    ? "TLS"
    : "NETWORK";
  const wasSent = kind !== "TLS" && !CONNECTING.has(code);
  return new HttpError(kind, `Connection to ${host} failed: ${code}`, error, wasSent);
}
