import { createSecureContext, type ConnectionOptions } from "node:tls";
import { Dispatcher, errors } from "undici";
import { ConnectionPool, type PoolOptions } from "./connection-pool.ts";
import { PooledRequest } from "./pooled-request.ts";

/** Options of {@linkcode createAgent}. All limits are per origin. */
export interface AgentOptions {
  /** Most connections with HTTP/1.1, which are as many requests in flight. @default 16_384 */
  readonly maxConnections?: number;
  /** Most connections with HTTP/2. @default 128 */
  readonly maxH2Connections?: number;
  /** Most requests at once on a connection with HTTP/2, where the server does not set less. @default 100 */
  readonly maxConcurrentStreams?: number;
  /** Most connections being established at once. @default 64 */
  readonly maxConnecting?: number;
  /** To connect, the TLS handshake included. @default 10_000 */
  readonly connectTimeoutMs?: number;
  /** How long an unused connection is kept, where the server does not say. @default 60_000 */
  readonly keepAliveTimeoutMs?: number;
  /** Whether HTTP/2 is used where a server offers it over TLS. @default true */
  readonly allowH2?: boolean;
  /** Of the connections: `ca`, `cert`, `key`, `rejectUnauthorized`, `lookup`, … */
  readonly connect?: ConnectionOptions;
}

/**
 * Creates an undici dispatcher for thousands of long requests to few origins: HTTP/2 where the server offers it,
 * HTTP/1.1 with keep-alive otherwise. The first connection to an origin goes alone and tells which; the requests
 * wait for it. A request that may have reached the server is never sent again. There are no timers on an answer:
 * the caller aborts. Unused connections do not keep the process alive.
 *
 * @example
 * ```ts
 * const dispatcher = createAgent({ connect: { ca: readFileSync("company-ca.pem") } });
 * ```
 */
export function createAgent(options: AgentOptions = {}): Dispatcher {
  return new PoolAgent(options);
}

class PoolAgent extends Dispatcher {
  readonly #options: PoolOptions;
  readonly #pools = new Map<string, ConnectionPool>();
  #closed: Promise<void> | undefined;
  #destroyed: Promise<void> | undefined;

  constructor(options: AgentOptions) {
    super();
    const { connect = {} } = options;
    this.#options = {
      maxConnections: options.maxConnections ?? 16_384,
      maxH2Connections: options.maxH2Connections ?? 128,
      maxConcurrentStreams: options.maxConcurrentStreams ?? 100,
      maxConnecting: options.maxConnecting ?? 64,
      connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
      keepAliveTimeoutMs: options.keepAliveTimeoutMs ?? 60_000,
      allowH2: options.allowH2 ?? true,
      connect: { ...connect, secureContext: connect.secureContext ?? createSecureContext(connect) },
    };
  }

  /** Always takes the request: how many are in flight is the caller's to bound. */
  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const request = new PooledRequest(options, handler);
    const pool = this.#poolFor(options);
    if (pool instanceof Error) {
      request.fail(pool);
      return true;
    }
    request.begin(pool);
    if (!request.done) pool.dispatch(request);
    return true;
  }

  override close(): Promise<void>;
  override close(callback: () => void): void;
  override close(callback?: () => void): Promise<void> | void {
    this.#closed ??= this.#each((pool) => pool.close());
    return after(this.#closed, callback);
  }

  override destroy(error?: Error | null): Promise<void>;
  override destroy(callback: () => void): void;
  override destroy(error: Error | null, callback: () => void): void;
  override destroy(
    error?: Error | null | (() => void),
    callback = typeof error === "function" ? error : undefined,
  ): Promise<void> | void {
    const reason = error instanceof Error ? error : new errors.ClientDestroyedError();
    this.#destroyed ??= this.#each((pool) => pool.destroy(reason));
    return after(this.#destroyed, callback);
  }

  async #each(end: (pool: ConnectionPool) => Promise<void>): Promise<void> {
    await Promise.all(Array.from(this.#pools.values(), end));
  }

  #poolFor({ origin }: Dispatcher.DispatchOptions): ConnectionPool | Error {
    if (this.#destroyed !== undefined) return new errors.ClientDestroyedError();
    if (this.#closed !== undefined) return new errors.ClientClosedError();
    const key = typeof origin === "string" ? origin : (origin?.origin ?? "");
    const known = this.#pools.get(key);
    if (known !== undefined) return known;
    if (!URL.canParse(key) || !/^https?:$/.test(new URL(key).protocol)) {
      return new errors.InvalidArgumentError(
        `Cannot connect to "${key}": expected an http: or https: origin`,
      );
    }
    const pool = new ConnectionPool(new URL(key), this.#options, () => {
      if (this.#pools.get(key) === pool) this.#pools.delete(key);
    });
    this.#pools.set(key, pool);
    return pool;
  }
}

function after(done: Promise<void>, callback: (() => void) | undefined): Promise<void> | void {
  if (callback === undefined) return done;
  void callAfter(done, callback);
}

async function callAfter(done: Promise<void>, callback: () => void): Promise<void> {
  await done;
  callback();
}
