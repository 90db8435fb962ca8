import type { Socket } from "node:net";
import { Connection, type ConnectionEvents } from "./connection.ts";
import { LinkedList } from "./linked-list.ts";
import { openSocket, type OpenSocketOptions } from "./open-socket.ts";
import type { PooledRequest, RequestOwner } from "./pooled-request.ts";

/** Options of {@linkcode ConnectionPool}; the agent has their defaults. */
export interface PoolOptions {
  readonly maxConnections: number;
  readonly maxH2Connections: number;
  readonly maxConcurrentStreams: number;
  readonly maxConnecting: number;
  readonly connectTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
  readonly allowH2: boolean;
  readonly connect: OpenSocketOptions["connect"];
}

/** The system refuses another socket, whatever the server would say. */
const LOCAL_LIMITS: ReadonlySet<string> = new Set(["EMFILE", "ENFILE", "EADDRNOTAVAIL", "ENOBUFS"]);

/**
 * The connections of one origin. HTTP/1.1 and HTTP/2 take the same path: a connection with room, be it one
 * request or a hundred streams, is in a stack, the most recently used on top, so that surplus ones idle out. A
 * request that finds none waits, first come, first served, for whatever comes first: room or a new connection.
 */
export class ConnectionPool implements RequestOwner, ConnectionEvents {
  readonly #origin: URL;
  readonly #options: PoolOptions;
  readonly #onEmpty: () => void;
  readonly #waiting = new LinkedList<PooledRequest>();
  readonly #running = new LinkedList<PooledRequest>();
  readonly #available = new LinkedList<Connection>();
  readonly #connections = new Set<Connection>();
  readonly #connecting = new Set<AbortController>();
  readonly #onIdle: (() => void)[] = [];
  /** Handed back by a connection that is gone, in order. */
  #returned: PooledRequest[] = [];
  /** Whether the last attempt to connect succeeded. Until it has, one connection is tried at a time. */
  #proven = false;
  #h2 = false;
  /** Requests that a connection takes at once, as far as is known. */
  #streams = 1;
  /** Connections that the system has room for. */
  #systemLimit = Infinity;
  #growthScheduled = false;
  #sequence = 0;
  #session: Buffer | undefined;

  constructor(origin: URL, options: PoolOptions, onEmpty: () => void) {
    this.#origin = origin;
    this.#options = options;
    this.#onEmpty = onEmpty;
  }

  /** Sends the request as soon as a connection has room. */
  dispatch(request: PooledRequest): void {
    const connection = this.#available.last;
    if (connection === undefined) {
      request.sequence = ++this.#sequence;
      this.#waiting.push(request);
      this.#scheduleGrowth();
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
    if (this.#waiting.size > 0) return;
    if (this.#running.size > 0) return;
    this.#stopConnecting();
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
    this.#scheduleGrowth();
  }

  full(connection: Connection): void {
    this.#proven = true;
    this.#streams = Math.max(1, connection.size);
    this.#scheduleGrowth();
  }

  lost(connection: Connection): void {
    this.#connections.delete(connection);
    for (const request of this.#returned.splice(0).toReversed()) this.#waiting.unshift(request);
    this.#serve();
    this.#scheduleGrowth();
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
    if (connection.send(request)) return;
    this.#available.remove(connection);
    if (!connection.settling) this.#streams = Math.max(1, connection.size);
  }

  /**
   * A caller often sends its next request from the end of the last one, a moment before undici reports that the
   * connection is free. So only requests that have waited for two turns of the event loop need a connection, if
   * there are connections at all.
   */
  #scheduleGrowth(): void {
    if (this.#waiting.size === 0 || this.#growthScheduled) return;
    if (this.#connections.size === 0) {
      this.#grow(this.#waiting.size);
      return;
    }
    this.#growthScheduled = true;
    const newest = this.#sequence;
    setImmediate(() => {
      setImmediate(() => {
        this.#growthScheduled = false;
        const { first, size } = this.#waiting;
        if (first === undefined) return;
        if (first.sequence <= newest) this.#grow(Math.min(size, newest - first.sequence + 1));
        else this.#scheduleGrowth();
      });
    });
  }

  /** Opens as many connections as that many requests need, within the limits. */
  #grow(requests: number): void {
    const { maxConnecting, maxConnections, maxH2Connections } = this.#options;
    let opening = this.#connecting.size;
    if (this.#h2) for (const { settling } of this.#connections) opening += Number(settling);
    const wanted = Math.min(Math.ceil(requests / this.#streams), this.#proven ? maxConnecting : 1);
    const limit = Math.min(this.#h2 ? maxH2Connections : maxConnections, this.#systemLimit);
    const room = limit - this.#connections.size - this.#connecting.size;
    const count = Math.min(wanted - opening, room);
    for (let n = 0; n < count; n++) void this.#open();
  }

  async #open(): Promise<void> {
    const attempt = new AbortController();
    const { signal } = attempt;
    this.#connecting.add(attempt);
    const { connect, allowH2, connectTimeoutMs: timeoutMs } = this.#options;
    const onSession = (session: Buffer): void => void (this.#session = session);
    let socket: Socket;
    try {
      const options = { connect, allowH2, timeoutMs, session: this.#session, onSession, signal };
      socket = await openSocket(this.#origin, options);
    } catch (error) {
      this.#connecting.delete(attempt);
      if (!signal.aborted) this.#connectFailed(error instanceof Error ? error : new Error(String(error)));
      this.#checkEmpty();
      return;
    }
    this.#connecting.delete(attempt);
    if (signal.aborted) socket.destroy();
    else this.#connected(socket);
  }

  #connected(socket: Socket): void {
    const connection = new Connection(this.#origin, socket, this.#options, this);
    this.#connections.add(connection);
    this.#available.push(connection);
    if (connection.h2 !== this.#h2) this.#streams = connection.h2 ? this.#options.maxConcurrentStreams : 1;
    this.#h2 = connection.h2;
    if (!connection.settling) this.#proven = true;
    this.#serve();
    this.#scheduleGrowth();
  }

  /**
   * The requests that the connection would have served fail with it. When it was the last hope, all that wait
   * do: a server that is away is told at once, with one attempt at a time.
   */
  #connectFailed(error: Error): void {
    this.#proven = false;
    const others = this.#connections.size + this.#connecting.size;
    const local = LOCAL_LIMITS.has(codeOf(error));
    if (local && this.#connections.size > 0) {
      this.#limitConnections(error);
      return;
    }
    const reason = local ? this.#noSockets(error) : error;
    const count = others === 0 ? this.#waiting.size : Math.min(this.#waiting.size, this.#streams);
    for (let n = 0; n < count; n++) this.#waiting.first?.fail(reason);
    this.#scheduleGrowth();
  }

  /** The requests that wait can still be served, by the connections that there are. */
  #limitConnections(error: Error): void {
    if (this.#systemLimit === Infinity) {
      process.emitWarning(this.#noSockets(error).message, { code: codeOf(error) });
    }
    this.#systemLimit = this.#connections.size;
  }

  #noSockets(cause: Error): Error {
    const message =
      `Cannot open more than ${this.#connections.size} connections to ${this.#origin.host}: ${codeOf(cause)}. ` +
      "Lower the concurrency or raise the system's limit (ulimit -n)";
    return Object.assign(new Error(message, { cause }), { code: codeOf(cause) });
  }

  #stopConnecting(): void {
    for (const attempt of this.#connecting) attempt.abort();
  }

  async #disconnect(end: (connection: Connection) => Promise<void>): Promise<void> {
    this.#stopConnecting();
    await Promise.all(Array.from(this.#connections, end));
  }

  #checkEmpty(): void {
    const { size } = this.#connections;
    if (size + this.#connecting.size + this.#waiting.size + this.#running.size === 0) this.#onEmpty();
  }
}

function* items(list: LinkedList<PooledRequest>): Generator<PooledRequest> {
  for (let item = list.first; item !== undefined; item = item.next) yield item;
}

function codeOf(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : "";
}
