import type { Socket } from "node:net";
import { Connection, type ConnectionEvents, type ConnectionOptions } from "./connection.ts";
import { Connector, type ConnectorEvents, type ConnectorOptions } from "./connector.ts";
import { LinkedList } from "../waiting/linked-list.ts";
import type { PooledRequest, RequestOwner } from "./pooled-request.ts";

/** Options of {@linkcode ConnectionPool}; the agent has their defaults. */
export interface PoolOptions extends ConnectorOptions, ConnectionOptions {
  readonly maxConnections: number;
  readonly maxConnecting: number;
}

/** The system refuses another socket, whatever the server would say. */
const LOCAL_LIMITS: ReadonlySet<string> = new Set(["EMFILE", "ENFILE", "EADDRNOTAVAIL", "ENOBUFS"]);

/**
 * The connections of one origin. Those that are idle are in a stack, the most recently used on top, so that surplus
 * ones time out. A request that finds none waits, first come, first served, for whatever comes first: one that
 * becomes idle or a new one.
 */
export class ConnectionPool implements RequestOwner, ConnectionEvents, ConnectorEvents {
  readonly #origin: URL;
  readonly #options: PoolOptions;
  readonly #onEmpty: () => void;
  readonly #waiting = new LinkedList<PooledRequest>();
  readonly #running = new LinkedList<PooledRequest>();
  readonly #available = new LinkedList<Connection>();
  readonly #connections = new Set<Connection>();
  readonly #connector: Connector;
  readonly #onIdle: (() => void)[] = [];
  /** Handed back by a connection that is gone, in order. */
  #returned: PooledRequest[] = [];
  /** Whether the last attempt to connect succeeded. Until it has, one connection is tried at a time. */
  #proven = false;
  /** Connections that the system has room for. */
  #systemLimit = Infinity;
  /** Number of the newest request. */
  #sequence = 0;
  /** Number of the newest request that counts for growth. */
  #settled = 0;
  #growthScheduled = false;

  constructor(origin: URL, options: PoolOptions, onEmpty: () => void) {
    this.#origin = origin;
    this.#options = options;
    this.#connector = new Connector(origin, options, this);
    this.#onEmpty = onEmpty;
  }

  /** Sends the request as soon as a connection has room. */
  dispatch(request: PooledRequest): void {
    const connection = this.#available.last;
    request.sequence = ++this.#sequence;
    if (connection === undefined) {
      this.#waiting.push(request);
      this.#grow();
    } else {
      this.#send(connection, request);
    }
  }

  /** Resolves when all requests have ended and all connections are closed. */
  async close(): Promise<void> {
    if (this.#waiting.size + this.#running.size > 0) {
      await new Promise<void>((resolve) => void this.#onIdle.push(resolve));
    }
    await this.#disconnect((connection) => connection.close());
  }

  /** Ends all requests with the error and closes all connections. */
  async destroy(error: Error): Promise<void> {
    const requests = [...items(this.#waiting), ...items(this.#running)];
    for (const request of requests) request.abort(error);
    await this.#disconnect((connection) => connection.destroy(error));
  }

  finished(request: PooledRequest): void {
    request.list?.remove(request);
    if (this.#waiting.size + this.#running.size > 0) return;
    this.#connector.stop();
    this.#checkEmpty();
    for (const resolve of this.#onIdle.splice(0)) resolve();
  }

  requeue(request: PooledRequest): void {
    this.#running.remove(request);
    this.#returned.push(request);
  }

  ready(connection: Connection): void {
    this.#proven = true;
    if (connection.list === undefined) this.#available.push(connection);
    this.#serve();
    this.#grow();
  }

  lost(connection: Connection): void {
    this.#connections.delete(connection);
    for (const request of this.#returned.splice(0).toReversed()) this.#waiting.unshift(request);
    this.#serve();
    this.#grow();
    this.#checkEmpty();
  }

  connected(socket: Socket): void {
    const connection = new Connection(this.#origin, socket, this.#options, this);
    this.#connections.add(connection);
    this.#available.push(connection);
    this.#proven = true;
    this.#serve();
    this.#grow();
  }

  /**
   * The request that the connection would have served fails with it. When it was the last hope, all that wait do:
   * a server that is away is told at once, with one attempt at a time.
   */
  connectFailed(error: Error): void {
    this.#proven = false;
    const others = this.#connections.size + this.#connector.size;
    const local = LOCAL_LIMITS.has(codeOf(error));
    if (local && this.#connections.size > 0) {
      this.#limitConnections(error);
      return;
    }
    const reason = local ? this.#noSockets(error) : error;
    const count = others === 0 ? this.#waiting.size : 1;
    for (let n = 0; n < count; n++) this.#waiting.first?.fail(reason);
    this.#grow();
    this.#checkEmpty();
  }

  #serve(): void {
    for (;;) {
      const connection = this.#available.last;
      if (connection === undefined) return;
      const request = this.#waiting.shift();
      if (request === undefined) return;
      this.#send(connection, request);
    }
  }

  #send(connection: Connection, request: PooledRequest): void {
    this.#running.push(request);
    if (!connection.send(request)) this.#available.remove(connection);
  }

  /**
   * Opens as many connections as the waiting requests need, within the limits. A caller often sends its next
   * request from the end of the last one, a moment before undici reports that the connection is free. So only
   * requests that have waited for two turns of the event loop count, if there are connections at all.
   */
  #grow(): void {
    const { first, last, size } = this.#waiting;
    if (first === undefined || last === undefined) return;
    if (this.#connections.size === 0) this.#settled = this.#sequence;
    if (last.sequence > this.#settled) this.#growLater();
    const requests = Math.min(size, this.#settled - first.sequence + 1);
    const { maxConnecting, maxConnections } = this.#options;
    const opening = this.#connector.size;
    const wanted = Math.min(requests, this.#proven ? maxConnecting : 1);
    const room = Math.min(maxConnections, this.#systemLimit) - this.#connections.size - opening;
    const count = Math.min(wanted - opening, room);
    for (let n = 0; n < count; n++) this.#connector.open();
  }

  #growLater(): void {
    if (this.#growthScheduled) return;
    this.#growthScheduled = true;
    const newest = this.#sequence;
    setImmediate(() => {
      setImmediate(() => {
        this.#growthScheduled = false;
        this.#settled = Math.max(this.#settled, newest);
        this.#grow();
      });
    });
  }

  /** The requests that wait can still be served, by the connections that there are. */
  #limitConnections(error: Error): void {
    if (this.#systemLimit === Infinity) {
      process.emitWarning(this.#noSockets(error).message, { type: "ParrotWarning", code: codeOf(error) });
    }
    this.#systemLimit = this.#connections.size;
  }

  #noSockets(cause: Error): Error {
    const message =
      `Cannot open more than ${this.#connections.size} connections to ${this.#origin.host}: ${codeOf(cause)}. ` +
      "Lower the concurrency or raise the system's limit (ulimit -n)";
    return Object.assign(new Error(message, { cause }), { code: codeOf(cause) });
  }

  async #disconnect(end: (connection: Connection) => Promise<void>): Promise<void> {
    this.#connector.stop();
    await Promise.all(Array.from(this.#connections, end));
  }

  #checkEmpty(): void {
    const { size } = this.#connections;
    if (size + this.#connector.size + this.#waiting.size + this.#running.size === 0) this.#onEmpty();
  }
}

function* items(list: LinkedList<PooledRequest>): Generator<PooledRequest> {
  for (let item = list.first; item !== undefined; item = item.next) yield item;
}

function codeOf(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : "";
}
