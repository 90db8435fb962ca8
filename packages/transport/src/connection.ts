import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { Client, errors } from "undici";
import { ListItem } from "./linked-list.ts";
import { ConnectionLostError, type PooledRequest } from "./pooled-request.ts";

/** What a {@linkcode Connection} tells its pool. */
export interface ConnectionEvents {
  /** It can take a request, perhaps again. */
  ready(connection: Connection): void;
  /** It takes no more for now. */
  full(connection: Connection): void;
  /** It is gone, and what could not be sent on it was handed back. */
  lost(connection: Connection): void;
}

/** Options of {@linkcode Connection}. */
export interface ConnectionOptions {
  readonly keepAliveTimeoutMs: number;
  /** Most streams at once with HTTP/2; the server may set less. */
  readonly maxConcurrentStreams: number;
}

/**
 * How long a connection waits for its first request. It is short because the server's close is not seen before:
 * servers allow five seconds and more.
 */
const FIRST_USE_TIMEOUT_MS = 4_000;

/** A server sends its settings with its first bytes; when all streams it allows are taken, undici does not tell. */
const SETTLE_TIMEOUT_MS = 1_000;

/**
 * One connection, with an undici client of its own. The client never connects by itself: when its socket is
 * gone, so is the client.
 */
export class Connection extends ListItem<Connection> {
  readonly h2: boolean;
  /** An HTTP/2 connection whose server has not yet said how many streams it allows takes one request. */
  settling: boolean;
  readonly #client: Client;
  readonly #socket: Socket;
  readonly #events: ConnectionEvents;
  #used = false;
  #settled: NodeJS.Timeout | undefined;
  #lost = false;

  constructor(origin: URL, socket: Socket, options: ConnectionOptions, events: ConnectionEvents) {
    super();
    this.h2 = socket instanceof TLSSocket && socket.alpnProtocol === "h2";
    this.settling = this.h2 && options.maxConcurrentStreams > 1;
    this.#socket = socket;
    this.#events = events;
    this.#client = new Client(origin, {
      connect: (_options, callback) => {
        this.#leaveStock();
        // A client that is called back at once would not see that it is connected.
        queueMicrotask(() => callback(null, socket));
      },
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: options.keepAliveTimeoutMs,
      pipelining: 1,
      allowH2: this.h2,
      h2Options: { maxConcurrentStreams: options.maxConcurrentStreams },
    })
      .on("drain", () => this.#ready())
      .on("disconnect", (_origin, _targets, error) => this.#lose(error))
      .on("connectionError", (_origin, _targets, error) => this.#lose(error));
    socket.unref().setTimeout(FIRST_USE_TIMEOUT_MS, this.#expire).once("close", this.#expire);
  }

  /** Requests that were given to it and have not ended. */
  get size(): number {
    return this.#client.stats.size;
  }

  /** Sends a request. Returns whether there is room for another one. */
  send(request: PooledRequest): boolean {
    if (this.#client.dispatch(request.options, request)) return true;
    // Refused by the client as it is, or ended in the first callback: the room is still there.
    return request.done && !this.#lost && !this.#socket.destroyed && this.size === 0;
  }

  /** Closes it, once its requests have ended. */
  async close(): Promise<void> {
    if (!this.#used) this.#socket.destroy();
    await this.#client.close();
  }

  /** Closes it at once. Requests that it has not begun with get the error. */
  async destroy(error: Error): Promise<void> {
    if (!this.#used) this.#socket.destroy();
    await this.#client.destroy(error);
  }

  readonly #expire = (): void => {
    this.#socket.destroy();
    this.#lose(new errors.SocketError("closed before its first use"));
  };

  #leaveStock(): void {
    this.#used = true;
    if (this.settling) this.#settled = setTimeout(() => this.#settle(), SETTLE_TIMEOUT_MS).unref();
    this.#socket.ref().setTimeout(0).off("timeout", this.#expire).off("close", this.#expire);
  }

  #ready(): void {
    this.settling = false;
    this.#events.ready(this);
  }

  /** It has not told of room after its first request: either it allows one stream or it does not speak. */
  #settle(): void {
    if (!this.settling || this.#lost) return;
    this.settling = false;
    this.#events.full(this);
  }

  #lose(error: Error): void {
    if (this.#lost) return;
    this.#lost = true;
    clearTimeout(this.#settled);
    this.list?.remove(this);
    // undici keeps a request after GOAWAY only if the server has told that it did not process it.
    const unprocessed = error.message.includes('"GOAWAY"');
    // Requests that the client still has come back with this error; streams that the server accepted go on.
    void this.#client.destroy(new ConnectionLostError(error, unprocessed));
    this.#events.lost(this);
  }
}
