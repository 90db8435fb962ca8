import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls, type ConnectionOptions } from "node:tls";
import { withProxyWords } from "./proxy/connect-error.ts";
import { openTunnel } from "./proxy/open-tunnel.ts";
import type { Proxy, Route } from "./proxy/proxy-of.ts";
import { errors } from "./undici.ts";

/** Options of {@linkcode openSocket}. */
export interface OpenSocketOptions {
  /** Options of TLS and of the lookup. With a `secureContext`, certificates are not parsed for each socket. */
  readonly connect: ConnectionOptions;
  /** Whether through a proxy. */
  readonly route: Route;
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
 * Connects to an origin, with a TLS handshake for `https:`, through a proxy where the route has one. To an `http:`
 * origin no tunnel is made through a proxy: requests name the whole address.
 *
 * @throws undici's `ConnectTimeoutError`, the system's error, a ConnectError, or an error when the signal aborts
 */
export async function openSocket(origin: URL, options: OpenSocketOptions): Promise<Socket> {
  const { proxy, unused } = options.route;
  if (proxy !== undefined) return openThrough(proxy, origin, options);
  const socket = isSecure(origin) ? originTls(origin, options) : tcpSocket(origin, options);
  if (unused === undefined) return established(socket, origin, options);
  try {
    return await established(socket, origin, options);
  } catch (error) {
    throw withProxyWords(error, (code) => `Connection to ${origin.host} failed: ${code}. ${unused}`);
  }
}

async function openThrough(proxy: Proxy, origin: URL, options: OpenSocketOptions): Promise<Socket> {
  const endsAt = performance.now() + options.timeoutMs;
  const left = (): OpenSocketOptions => ({ ...options, timeoutMs: Math.max(1, endsAt - performance.now()) });
  const socket = isSecure(proxy.url) ? proxyTls(proxy.url, options) : tcpSocket(proxy.url, options);
  try {
    await established(socket, proxy.url, options);
  } catch (error) {
    throw withProxyWords(
      error,
      (code) => `Connection to ${origin.host} failed: the proxy ${proxy.name} cannot be reached, ${code}`,
    );
  }
  if (!isSecure(origin)) return socket;
  try {
    await untilEnd(openTunnel(socket, origin, proxy), socket, proxy.url, left());
    return await established(originTls(origin, { ...options, socket }), origin, left());
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** Waits until a socket is connected. */
function established(socket: Socket, peer: URL, options: OpenSocketOptions): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  socket.setNoDelay(true).setKeepAlive(true, TCP_KEEP_ALIVE_MS);
  socket.once("encrypted" in socket ? "secureConnect" : "connect", () => resolve(socket));
  // The listener stays for the life of the socket. An error of a connection that is up is seen by its end.
  socket.on("error", reject);
  return untilEnd(promise, socket, peer, options);
}

/** Waits for a step of connecting, and destroys the socket when its time is over or nobody waits any more. */
async function untilEnd<T>(
  step: Promise<T>,
  socket: Socket,
  { host }: URL,
  { timeoutMs, signal }: OpenSocketOptions,
): Promise<T> {
  const timer = setTimeout(() => {
    socket.destroy(new errors.ConnectTimeoutError(`No connection to ${host} within ${timeoutMs} ms`));
  }, timeoutMs);
  const abort = (): void => void socket.destroy(new Error("No request waits for this connection any more"));
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await step;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
  }
}

function isSecure({ protocol }: URL): boolean {
  return protocol === "https:";
}

/** The handshake with an origin, over a socket of its own or through the tunnel that is there. */
function originTls(
  origin: URL,
  { connect, session, onSession, socket }: OpenSocketOptions & { readonly socket?: Socket },
): Socket {
  const { host, port } = address(origin);
  const secured = connectTls({
    // A server name must not be an IP address.
    ...(isIP(host) === 0 && { servername: host }),
    ...(session !== undefined && { session }),
    ...connect,
    ...(socket === undefined ? { host, port: port ?? 443 } : { socket }),
    ALPNProtocols: ["http/1.1"],
  });
  return secured.on("session", onSession);
}

/** The handshake with a proxy. What was set for the server, such as a certificate of one's own, is not for the proxy. */
function proxyTls(proxy: URL, { connect }: OpenSocketOptions): Socket {
  const { host, port } = address(proxy);
  const { ca, rejectUnauthorized } = connect;
  return connectTls({
    ...(isIP(host) === 0 && { servername: host }),
    ...(ca !== undefined && { ca }),
    ...(rejectUnauthorized !== undefined && { rejectUnauthorized }),
    host,
    port: port ?? 443,
    ALPNProtocols: ["http/1.1"],
  });
}

function tcpSocket(peer: URL, options: OpenSocketOptions): Socket {
  const { host, port } = address(peer);
  const { lookup } = options.connect;
  return connectTcp({ ...(lookup !== undefined && { lookup }), host, port: port ?? 80 });
}

function address({ hostname, port }: URL): { readonly host: string; readonly port: number | undefined } {
  return {
    host: hostname.startsWith("[") ? hostname.slice(1, -1) : hostname,
    port: port === "" ? undefined : Number(port),
  };
}
