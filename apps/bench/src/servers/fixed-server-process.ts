/**
 * A process that gives one fixed answer to every request, for machines without nginx. It speaks just enough HTTP
 * (a head, a content-length, keep-alive) to cost less than any client.
 */
import { createServer, type Socket } from "node:net";
import { ANSWER_BODY, FUNCTION_ANSWER_BODY, FUNCTION_ANSWER_PATH } from "../answer.ts";

const RESPONSE = responseOf(ANSWER_BODY);
const FUNCTION_RESPONSE = responseOf(FUNCTION_ANSWER_BODY);

function responseOf(body: string): Buffer {
  return Buffer.from(
    `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

function serve(socket: Socket): void {
  let received = "";
  let bodyLeft = 0;
  socket.setNoDelay(true);
  // latin1: one character a byte, so that lengths are what the head says.
  socket.setEncoding("latin1");
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk: string) => {
    received += chunk;
    for (;;) {
      const skipped = Math.min(bodyLeft, received.length);
      bodyLeft -= skipped;
      received = received.slice(skipped);
      const end = received.indexOf("\r\n\r\n");
      if (bodyLeft > 0 || end < 0) return;
      const head = received.slice(0, end);
      bodyLeft = Number(/content-length: *(\d+)/i.exec(head)?.[1] ?? 0);
      received = received.slice(end + 4);
      socket.write(head.startsWith(`POST ${FUNCTION_ANSWER_PATH}`) ? FUNCTION_RESPONSE : RESPONSE);
    }
  });
}

const server = createServer(serve).listen(0, "127.0.0.1", 4096, () => {
  const address = server.address();
  process.send?.(typeof address === "object" ? address?.port : undefined);
});
process.on("disconnect", () => process.exit());
