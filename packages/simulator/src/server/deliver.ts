import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { gzipSync } from "node:zlib";
import type { SimResponse } from "../dialect.ts";
import type { DeliveryFault } from "../faults/fault.ts";
import { mislabel } from "./mislabel.ts";

const MIB = 2 ** 20;
/** What a gateway says whose server has not answered. */
const GATEWAY = "<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>";

/** Calls `then` after `ms`, unless the connection has been closed. */
export type Later = (ms: number, then: () => void) => void;

/** What a delivery needs that takes time. */
export interface Timing {
  readonly later: Later;
  /** The factor for the times of faults. */
  readonly timeScale: number;
}

/** Sends a response, or sends it wrongly if a fault says so. */
export function deliver(
  response: ServerResponse,
  sim: SimResponse,
  fault: DeliveryFault | undefined,
  timing: Timing,
): void {
  const text = typeof sim.body === "string" ? sim.body : JSON.stringify(sim.body);
  const headers = {
    "content-type": typeof sim.body === "string" ? "text/plain" : "application/json",
    ...sim.headers,
  };
  if (fault === undefined) {
    const bytes = Buffer.from(text);
    response.writeHead(sim.status, { ...headers, "content-length": bytes.length }).end(bytes);
    return;
  }
  deliverWrongly(response, { ...sim, headers }, Buffer.from(text), fault, timing);
}

function deliverWrongly(
  response: ServerResponse,
  { status, headers }: SimResponse,
  bytes: Buffer,
  fault: DeliveryFault,
  { later, timeScale }: Timing,
): void {
  const length = { "content-length": bytes.length };
  const half = bytes.subarray(0, Math.floor(bytes.length / 2));
  switch (fault.kind) {
    case "answerLost":
      if (fault.status === undefined) response.socket?.resetAndDestroy();
      else response.writeHead(fault.status, { "content-type": "text/html" }).end(GATEWAY);
      return;
    case "stallBody":
      response.writeHead(status, { ...headers, ...length }).write(half);
      return;
    case "resetMidBody":
      response.writeHead(status, { ...headers, ...length }).write(half);
      // The client needs time to read the half: a reset may discard data that it has not read.
      later(10, () => response.socket?.resetAndDestroy());
      return;
    case "openEnd":
      // The client needs time to read the body: a reset may discard data that it has not read.
      response.writeHead(status, headers).write(bytes);
      if (fault.reset === true) later(10, () => response.socket?.resetAndDestroy());
      return;
    case "truncate":
      // Without a length Node would send chunks, and the last chunk would mark the end of the body.
      response.removeHeader("transfer-encoding");
      truncate(response.writeHead(status, truncatedHeaders(headers, bytes, half, fault)), half, fault);
      return;
    case "drip":
      response.writeHead(status, { ...headers, ...length });
      drip(response, bytes, fault.bytes ?? 1, (fault.everyMs ?? 100) * timeScale, later);
      return;
    case "blankLines":
      response.writeHead(status, headers);
      writeBlankLines(response, fault.lines ?? 3, (fault.everyMs ?? 10) * timeScale, later, bytes);
      return;
    case "invalidJson":
      response.writeHead(status, headers).end(Buffer.concat([bytes.subarray(0, -1), Buffer.from(",}")]));
      return;
    case "gzip":
      response.writeHead(
        status,
        (fault.announced ?? true) ? { ...headers, "content-encoding": "gzip" } : headers,
      );
      response.end(compress(bytes, fault.damaged ?? false));
      return;
    case "bigHeaders":
    case "byteOrderMark":
    case "charset":
    case "contentEncoding": {
      const sent = mislabel({ headers, bytes }, fault);
      response.writeHead(status, { ...sent.headers, "content-length": sent.bytes.length }).end(sent.bytes);
      return;
    }
    case "hugeBody":
      response.writeHead(status, headers);
      stream(response, padded(bytes, fault.bytes ?? 64 * MIB));
  }
}

type Truncate = Extract<DeliveryFault, { kind: "truncate" }>;

function truncatedHeaders(
  headers: SimResponse["headers"],
  bytes: Buffer,
  half: Buffer,
  { contentLength = "full" }: Truncate,
): Record<string, string | number> {
  if (contentLength === "none") return { ...headers, connection: "close" };
  return { ...headers, "content-length": contentLength === "full" ? bytes.length : half.length };
}

function truncate(response: ServerResponse, half: Buffer, { contentLength = "full" }: Truncate): void {
  if (contentLength === "full") response.write(half, () => response.socket?.destroySoon());
  else response.end(half);
}

function drip(response: ServerResponse, bytes: Buffer, size: number, everyMs: number, later: Later): void {
  if (bytes.length <= size) {
    response.end(bytes);
    return;
  }
  response.write(bytes.subarray(0, size));
  later(everyMs, () => drip(response, bytes.subarray(size), size, everyMs, later));
}

function writeBlankLines(
  response: ServerResponse,
  lines: number,
  everyMs: number,
  later: Later,
  bytes: Buffer,
): void {
  if (lines <= 0) {
    response.end(bytes);
    return;
  }
  response.write("\n");
  later(everyMs, () => writeBlankLines(response, lines - 1, everyMs, later, bytes));
}

/** Sends the beginning of a response whose headers never end, a byte at a time. */
export function dripHeaders(response: ServerResponse, everyMs: number, later: Later): void {
  response.socket?.write("HTTP/1.1 200 OK\r\nx-drip: ");
  const next = (): void => {
    response.socket?.write(".");
    later(everyMs, next);
  };
  later(everyMs, next);
}

function compress(bytes: Buffer, damaged: boolean): Buffer {
  const compressed = gzipSync(bytes);
  // The first ten bytes are the header. A block that begins with ones has an invalid type.
  return damaged ? compressed.fill(0xff, 10, 18) : compressed;
}

function* padded(bytes: Buffer, total: number): Generator<Buffer> {
  yield bytes;
  const spaces = Buffer.alloc(64 * 1024, " ");
  for (let left = total - bytes.length; left > 0; left -= spaces.length)
    yield spaces.subarray(0, Math.min(left, spaces.length));
}

/** Sends a small body that decompresses to `bytes`, rounded up to whole MiB. */
export function deliverGzipBomb(response: ServerResponse, bytes: number): void {
  // A gzip file may consist of several files in sequence, so one small piece can be repeated.
  const piece = gzipSync(Buffer.alloc(MIB, " "));
  const pieces = Math.ceil(bytes / MIB);
  const headers = {
    "content-type": "application/json",
    "content-encoding": "gzip",
    "content-length": piece.length * pieces,
  };
  response.writeHead(200, headers);
  stream(
    response,
    Array.from({ length: pieces }, () => piece),
  );
}

function stream(response: ServerResponse, chunks: Iterable<Buffer>): void {
  // The promise rejects when the client hangs up, as it should.
  pipeline(Readable.from(chunks), response).catch(() => undefined);
}
