import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

/** Tells of a response's end. */
type OnAnswer = (body: string) => void;

/**
 * A connection to a server of the bench, with one request at a time. It speaks no more of HTTP than those servers do:
 * a head that comes whole, with a content-length.
 */
export class PlainConnection {
  readonly #socket: Socket;
  readonly #head: string;
  readonly #failed: (error: Error) => void;
  #onAnswer: OnAnswer | undefined;
  /** Bytes of the body still to come; negative before the head has come. */
  #missing = -1;
  #parts: Buffer[] = [];

  constructor(url: URL, failed: (error: Error) => void) {
    const to = { host: url.hostname, port: Number(url.port) };
    this.#socket = url.protocol === "https:" ? connectTls(to) : connect(to);
    this.#socket.setNoDelay(true);
    this.#socket.on("data", (chunk: Buffer) => this.#receive(chunk));
    this.#socket.on("error", failed);
    this.#failed = failed;
    this.#head = [
      `POST ${url.pathname} HTTP/1.1`,
      `host: ${url.host}`,
      "content-type: application/json",
      "authorization: Bearer bench-key",
      "content-length: ",
    ].join("\r\n");
  }

  /** The server's answer to a body, which is ASCII. */
  ask(body: string, onAnswer: OnAnswer): void {
    this.#onAnswer = onAnswer;
    this.#socket.write(`${this.#head}${body.length}\r\n\r\n${body}`, "latin1");
  }

  #receive(chunk: Buffer): void {
    const bytes = this.#missing < 0 ? this.#bodyIn(chunk) : chunk;
    if (bytes === undefined) return;
    this.#missing -= bytes.length;
    this.#parts.push(bytes);
    if (this.#missing > 0) return;
    const [first] = this.#parts;
    const body = first !== undefined && this.#parts.length === 1 ? first : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#missing = -1;
    this.#onAnswer?.(body.toString());
  }

  /** Reads the head; what of the chunk is the body's. */
  #bodyIn(chunk: Buffer): Buffer | undefined {
    const end = chunk.indexOf("\r\n\r\n");
    const length = end < 0 ? undefined : /content-length: (\d+)/i.exec(chunk.toString("latin1", 0, end))?.[1];
    if (length === undefined) {
      this.#failed(new Error("The server does not answer as plainly as it should"));
      return undefined;
    }
    this.#missing = Number(length);
    return chunk.subarray(end + 4);
  }
}
