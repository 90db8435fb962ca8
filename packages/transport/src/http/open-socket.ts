import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls, type ConnectionOptions } from "node:tls";
import { errors } from "./undici.ts";

/** Options of {@linkcode openSocket}. */
export interface OpenSocketOptions {
  /** Options of TLS and of the lookup. With a `secureContext`, certificates are not parsed for each socket. */
  readonly connect: ConnectionOptions;
  /** From the first packet to the end of the TLS handshake. */
  readonly timeoutMs: number;
  /** A TLS session to resume, which saves most of the handshake. */
  readonly session: Buffer | undefined;
  readonly onSession: (session: Buffer) => void;
  readonly signal: AbortSignal;
}

/** When TCP begins to probe an idle connection: that tells a dead peer from one that takes minutes to answer. */
const TCP_KEEP_ALIVE_MS = 60_000;

/**
 * Connects to an origin, with a TLS handshake for `https:`.
 *
 * @throws undici's `ConnectTimeoutError`, the system's error, or an error when the signal aborts
 */
export function openSocket(origin: URL, options: OpenSocketOptions): Promise<Socket> {
  const { timeoutMs, signal } = options;
  const secure = origin.protocol === "https:";
  const socket = secure ? tlsSocket(origin, options) : tcpSocket(origin, options);
  socket.setNoDelay(true).setKeepAlive(true, TCP_KEEP_ALIVE_MS);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      socket.destroy(
        new errors.ConnectTimeoutError(`No connection to ${origin.host} within ${timeoutMs} ms`),
      );
    }, timeoutMs);
    const abort = (): void => void socket.destroy(new Error("No request waits for this connection any more"));
    signal.addEventListener("abort", abort, { once: true });
    const settle = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
    };
    socket.once(secure ? "secureConnect" : "connect", () => {
      settle();
      resolve(socket);
    });
    // The listener stays for the life of the socket. An error of a connection that is up is seen by its end.
    socket.on("error", (error) => {
      settle();
      reject(error);
    });
  });
}

function tlsSocket(origin: URL, options: OpenSocketOptions): Socket {
  const { connect, session, onSession } = options;
  const { host, port } = address(origin);
  const socket = connectTls({
    // A server name must not be an IP address.
    ...(isIP(host) === 0 && { servername: host }),
    ...(session !== undefined && { session }),
    ...connect,
    host,
    port: port ?? 443,
    ALPNProtocols: ["http/1.1"],
  });
  return socket.on("session", onSession);
}

function tcpSocket(origin: URL, options: OpenSocketOptions): Socket {
  const { host, port } = address(origin);
  const { lookup } = options.connect;
  return connectTcp({ ...(lookup !== undefined && { lookup }), host, port: port ?? 80 });
}

function address({ hostname, port }: URL): { readonly host: string; readonly port: number | undefined } {
  return {
    host: hostname.startsWith("[") ? hostname.slice(1, -1) : hostname,
    port: port === "" ? undefined : Number(port),
  };
}
