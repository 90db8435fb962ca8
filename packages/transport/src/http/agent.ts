import { Dispatcher, errors } from "./undici.ts";
import { resolveAgentOptions, type AgentOptions } from "./agent-options.ts";
import { ConnectionPool, type ConnectionPoolOptions } from "./connection-pool.ts";
import { routeOf, type Route } from "./proxy/proxy-of.ts";
import { PooledRequest } from "./pooled-request.ts";

/**
 * Creates an undici dispatcher for thousands of long requests to few origins, over HTTP/1.1 with keep-alive: each
 * request in flight has a connection. The first connection to an origin goes alone and shows whether the server is
 * there; the requests wait for it. A request that the server may have processed is never sent again. No timer limits
 * an answer, as the caller can abort. Connections go through the proxy that the environment names. Unused connections do not keep the process alive.
 *
 * @throws ParrotError `INVALID_OPTION`
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
  readonly #options: Omit<ConnectionPoolOptions, "route">;
  readonly #proxy: string | false | undefined;
  readonly #pools = new Map<string, ConnectionPool>();
  #closed: Promise<void> | undefined;
  #destroyed: Promise<void> | undefined;

  constructor(options: AgentOptions) {
    super();
    this.#options = resolveAgentOptions(options);
    this.#proxy = options.proxy;
  }

  /** Always takes the request, as the caller decides how many are in flight. */
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
    let route: Route;
    try {
      route = routeOf(new URL(key), this.#proxy);
    } catch (error) {
      return new errors.InvalidArgumentError(error instanceof Error ? error.message : String(error));
    }
    const pool = new ConnectionPool(new URL(key), { ...this.#options, route }, () => {
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
