import { AsyncLocalStorage } from "node:async_hooks";
import { channel } from "node:diagnostics_channel";
import type { Socket } from "node:net";
import { Connection, type ConnectionEvents, type ConnectionOptions } from "./connection.ts";
import { Connector, type ConnectorEvents, type ConnectorOptions } from "./connector.ts";
import { LinkedList } from "../waiting/linked-list.ts";
import type { PooledRequest, RequestOwner } from "./pooled-request.ts";
import { codeOf, NO_SOCKETS } from "./system-codes.ts";

/** On which undici tells of requests, so that traces follow them in the context of whoever asks. */
const REQUESTS = channel("undici:request:create");

/** Options of {@linkcode ConnectionPool}; `resolveAgentOptions` has their defaults. */
export interface ConnectionPoolOptions extends ConnectorOptions, ConnectionOptions {
  readonly maxConnections: number;
  readonly maxConnecting: number;
}

/**
 * The connections of one origin. Idle ones are in a stack, the most recently used on top, so that those at the bottom
 * time out when fewer are needed. A request that finds no idle connection waits, first come, first served, for one
 * that becomes idle or for a new one, whichever is first.
 */
export class ConnectionPool implements RequestOwner, ConnectionEvents, ConnectorEvents {
  readonly #origin: URL;
  readonly #options: ConnectionPoolOptions;
  readonly #onEmpty: () => void;
  readonly #waiting = new LinkedList<PooledRequest>();
  readonly #running = new LinkedList<PooledRequest>();
  readonly #available = new LinkedList<Connection>();
  readonly #connections = new Set<Connection>();
  readonly #connector: Connector;
  readonly #onIdle: (() => void)[] = [];
  /** Requests that a connection handed back when it was lost, in their order. */
  #returned: PooledRequest[] = [];
  /** Whether the last attempt to connect succeeded. Until it has, one connection is tried at a time. */
  #proven = false;
  /** How many connections the system has room for. */
  #systemLimit = Infinity;
  /** Number of the newest request. */
  #sequence = 0;
  /** Number of the newest request that has waited long enough for a new connection; see `#grow`. */
  #settled = 0;
  #growthScheduled = false;

  constructor(origin: URL, options: ConnectionPoolOptions, onEmpty: () => void) {
    this.#origin = origin;
    this.#options = options;
    this.#connector = new Connector(origin, options, this);
    this.#onEmpty = onEmpty;
  }

  /** Sends the request as soon as a connection is free. */
  dispatch(request: PooledRequest): void {
    const connection = this.#available.last;
    request.sequence = ++this.#sequence;
    if (connection === undefined) {
      if (REQUESTS.hasSubscribers) request.within = AsyncLocalStorage.snapshot();
      this.#waiting.push(request);
      this.#grow();
    } else {
      this.#send(connection, request);
    }
  }

  /** Resolves once all requests have ended and all connections are closed. */
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
   * The request that the connection was for fails with it. Where no other connection exists or is being made, all
   * requests that wait fail: so they hear of a server that is away after one attempt to connect.
   */
  connectFailed(error: Error): void {
    this.#proven = false;
    const others = this.#connections.size + this.#connector.size;
    const local = NO_SOCKETS.has(codeOf(error));
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
    const { within } = request;
    const takesMore =
      within === undefined ? connection.send(request) : within(() => connection.send(request));
    if (!takesMore) this.#available.remove(connection);
  }

  /**
   * Opens as many connections as the waiting requests need, within the limits. A caller often sends its next
   * request as soon as the last one has ended, a moment before undici reports that the connection is free. So where
   * there are connections, only requests count that have waited for two turns of the event loop.
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

  /** Opens no more connections, as the system refuses them. Those that exist serve the requests that wait. */
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
