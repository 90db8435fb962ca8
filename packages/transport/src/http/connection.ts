import type { Socket } from "node:net";
import { Client, errors } from "./undici.ts";
import { forwarded } from "./proxy/forwarded.ts";
import type { Proxy, Route } from "./proxy/proxy-of.ts";
import { ListItem } from "../waiting/linked-list.ts";
import { ConnectionLostError, type PooledRequest } from "./pooled-request.ts";

/** What a {@linkcode Connection} tells its pool. */
export interface ConnectionEvents {
  /** It is free for a request. It may say so more than once. */
  ready(connection: Connection): void;
  /** It is gone. Requests that it had not begun to send were handed back. */
  lost(connection: Connection): void;
}

/** Options of {@linkcode Connection}. */
export interface ConnectionOptions {
  /** How long it may be idle where the server does not say how long. */
  readonly keepAliveTimeoutMs: number;
  readonly route: Route;
}

/**
 * How long a connection waits for its first request. It is shorter than the five seconds and more that servers allow:
 * nobody reads from the socket before the first request, so that it would not be seen that the server has closed it.
 */
const FIRST_USE_TIMEOUT_MS = 4_000;

/**
 * The most bytes that the headers of a response may have. Cloudflare lets as much through, and gateways that add
 * cookies and policies pass the 16 KiB that are the default of Node.js.
 */
const MAX_HEADER_BYTES = 128 * 1024;

/** One connection, with an undici client of its own. The client never connects again: it ends with its socket. */
export class Connection extends ListItem<Connection> {
  readonly #client: Client;
  readonly #socket: Socket;
  readonly #events: ConnectionEvents;
  readonly #origin: URL;
  /** The proxy that has to be told the whole address in each request. */
  readonly #forwarder: Proxy | undefined;
  #used = false;
  #lost = false;

  constructor(origin: URL, socket: Socket, options: ConnectionOptions, events: ConnectionEvents) {
    super();
    this.#socket = socket;
    this.#events = events;
    this.#origin = origin;
    this.#forwarder = origin.protocol === "http:" ? options.route.proxy : undefined;
    this.#client = new Client(origin, {
      connect: (_options, callback) => {
        this.#leaveStock();
        // A client that is called back at once would not see that it is connected.
        queueMicrotask(() => callback(null, socket));
      },
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: options.keepAliveTimeoutMs,
      pipelining: 1,
      allowH2: false,
    })
      .on("drain", () => this.#events.ready(this))
      .on("disconnect", (_origin, _targets, error) => this.#lose(error))
      .on("connectionError", (_origin, _targets, error) => this.#lose(error));
    socket.unref().setTimeout(FIRST_USE_TIMEOUT_MS, this.#expire).once("close", this.#expire);
  }

  /** Sends a request. Returns whether it is free for another one at once. */
  send(request: PooledRequest): boolean {
    const options =
      this.#forwarder === undefined
        ? request.options
        : forwarded(request.options, this.#origin, this.#forwarder);
    if (this.#client.dispatch(options, request)) return true;
    // The client has refused the request, or it ended in its first callback, so that the connection is still free.
    const isIdle = request.done && this.#client.stats.size === 0;
    return isIdle && !this.#lost && !this.#socket.destroyed;
  }

  /** Closes it, once its requests have ended. */
  async close(): Promise<void> {
    if (!this.#used) this.#socket.destroy();
    await this.#client.close();
  }

  /** Closes it at once. Requests that it has not begun to send get the error. */
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
    this.#socket.ref().setTimeout(0).off("timeout", this.#expire).off("close", this.#expire);
  }

  #lose(error: Error): void {
    if (this.#lost) return;
    this.#lost = true;
    this.list?.remove(this);
    // The request that the client still has ends with this error, and knows by its class what happened.
    void this.#client.destroy(new ConnectionLostError(error));
    this.#events.lost(this);
  }
}
