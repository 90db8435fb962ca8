import { readFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { CERTIFICATE, CERTIFICATE_KEY } from "./certificate.ts";

/** A request as far as the bench's servers need it. Bytes as latin1: one character each. */
interface PlainRequest {
  /** Request line and headers. */
  readonly head: string;
  readonly body: string;
}

/** Answers one request with bytes that {@linkcode responseOf} made, now or later. */
export type PlainHandler = (request: PlainRequest, respond: (response: Buffer) => void) => void;

/**
 * Serves on a free loopback port, which it sends to the parent process, until that disconnects. It speaks just enough
 * HTTP (a head, a content-length, keep-alive, one request at a time) to cost less than any client.
 */
export function servePlainly(
  handler: PlainHandler,
  { isTls = false }: { readonly isTls?: boolean } = {},
): void {
  const onSocket = (socket: Socket): void => serve(socket, handler);
  const server = isTls
    ? createTlsServer({ cert: readFileSync(CERTIFICATE), key: readFileSync(CERTIFICATE_KEY) }, onSocket)
    : createServer(onSocket);
  server.listen(0, "127.0.0.1", 4096, () => {
    const address = server.address();
    process.send?.({ port: typeof address === "object" ? address?.port : undefined });
  });
  process.on("disconnect", () => process.exit());
}

/** A whole response. */
export function responseOf(status: string, body: string, headers: readonly string[] = []): Buffer {
  const lines = [
    `HTTP/1.1 ${status}`,
    "content-type: application/json",
    `content-length: ${Buffer.byteLength(body)}`,
    ...headers,
  ];
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n${body}`);
}

function serve(socket: Socket, handler: PlainHandler): void {
  let received = "";
  socket.setNoDelay(true);
  socket.setEncoding("latin1");
  socket.on("error", () => socket.destroy());
  const respond = (response: Buffer): void => void socket.write(response);
  socket.on("data", (chunk: string) => {
    received += chunk;
    for (;;) {
      const end = received.indexOf("\r\n\r\n");
      if (end < 0) return;
      const head = received.slice(0, end);
      const length = Number(/content-length: *(\d+)/i.exec(head)?.[1] ?? 0);
      const next = end + 4 + length;
      if (received.length < next) return;
      const body = received.slice(end + 4, next);
      received = received.slice(next);
      handler({ head, body }, respond);
    }
  });
}
