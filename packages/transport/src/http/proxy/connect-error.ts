import { codeOf } from "../system-codes.ts";

/** Why there is no connection, where a proxy has to do with it. Nothing of the request was sent. */
export class ConnectError extends Error {
  override readonly name: string = "ConnectError";
  /** The system's code, or `PROXY_REFUSED`. */
  readonly code: string;
  /** Whether it may pass by itself. */
  readonly isTransient: boolean;

  constructor(message: string, { code, isTransient }: Pick<ConnectError, "code" | "isTransient">) {
    super(message);
    this.code = code;
    this.isTransient = isTransient;
  }
}

/** The error with words on the proxy, where it is one of a connection that failed. */
export function withProxyWords(error: unknown, words: (code: string) => string): unknown {
  const code = codeOf(error);
  if (code === "" || error instanceof ConnectError) return error;
  return new ConnectError(words(code), { code, isTransient: true });
}
