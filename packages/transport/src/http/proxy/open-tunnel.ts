import type { Socket } from "node:net";
import { ConnectError } from "./connect-error.ts";
import type { Proxy } from "./proxy-of.ts";

/** The most bytes that a proxy may say before it has connected. */
const MAX_HEAD_BYTES = 64 * 1024;
const END_OF_HEAD = "\r\n\r\n";

/**
 * Asks a proxy to connect a socket with an origin. What the origin has sent by then stays in the socket.
 *
 * @throws ConnectError
 */
export async function openTunnel(socket: Socket, origin: URL, proxy: Proxy): Promise<void> {
  const target = `${origin.hostname}:${origin.port || (origin.protocol === "https:" ? 443 : 80)}`;
  const headers = { host: target, "proxy-connection": "keep-alive", ...proxy.headers };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.write([`CONNECT ${target} HTTP/1.1`, ...lines, "", ""].join("\r\n"), "latin1");
  const status = await readStatus(socket, proxy);
  if (status < 200 || status > 299) throw refused(status, origin, proxy);
}

/** Reads the head of the answer and gives back what follows it. */
function readStatus(socket: Socket, proxy: Proxy): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let head = Buffer.alloc(0);
  const onData = (chunk: Buffer): void => {
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf(END_OF_HEAD);
    if (end < 0 && head.length <= MAX_HEAD_BYTES) return;
    const [, status] = /^HTTP\/1\.[01] (\d{3})/.exec(head.toString("latin1", 0, 16)) ?? [];
    if (end < 0 || status === undefined) return onError(notHttp(proxy));
    stop();
    socket.pause();
    if (head.length > end + END_OF_HEAD.length) socket.unshift(head.subarray(end + END_OF_HEAD.length));
    resolve(Number(status));
  };
  const onError = (error: Error): void => {
    stop();
    reject(error);
  };
  const onClose = (): void => {
    onError(
      new ConnectError(`The proxy ${proxy.name} closed the connection`, {
        code: "ECONNRESET",
        isTransient: true,
      }),
    );
  };
  const stop = (): void => void socket.off("data", onData).off("error", onError).off("close", onClose);
  socket.on("data", onData).on("error", onError).on("close", onClose);
  return promise;
}

function notHttp({ name }: Proxy): ConnectError {
  return new ConnectError(`What the proxy ${name} answers is not HTTP`, {
    code: REFUSED,
    isTransient: false,
  });
}

const REFUSED = "PROXY_REFUSED";

function refused(status: number, { host }: URL, { name, headers }: Proxy): ConnectError {
  // Gateways that cannot reach the server just now, and those that throttle.
  const isTransient = status >= 500 || status === 408 || status === 429;
  const isLocked = status === 407;
  const has = Object.keys(headers).length > 0;
  const wants = has
    ? "refuses the user name and password in its address"
    : "wants a user name and password: write them as http://USER:PASSWORD@HOST:PORT";
  const message = isLocked
    ? `The proxy ${name} ${wants} (HTTP 407)`
    : `The proxy ${name} does not connect to ${host}: HTTP ${status}`;
  return new ConnectError(message, { code: REFUSED, isTransient });
}
