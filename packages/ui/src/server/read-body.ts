import type { IncomingMessage } from "node:http";
import { HttpRefusal } from "./http-refusal.ts";

/** The longest body of a request that changes something. */
const MOST_BYTES = 100_000;

/** The JSON that a request has sent. @throws HttpRefusal where it is none, or too long */
export async function readBody(request: IncomingMessage): Promise<unknown> {
  if (request.headers["content-type"] !== "application/json")
    throw new HttpRefusal(415, "What is sent here has to be application/json");
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) break;
    chunks.push(chunk);
  }
  // What is left of one that is too long is passed over, as the refusal needs the connection.
  request.resume();
  if (bytes > MOST_BYTES) throw new HttpRefusal(413, `What is sent here may have ${MOST_BYTES} bytes`);
  try {
    return JSON.parse(Buffer.concat(chunks).toString()) as unknown;
  } catch {
    throw new HttpRefusal(400, "What was sent is no JSON");
  }
}
