import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { ApiName } from "../dialects/apis.ts";
import type { BatchRecord } from "../batches/batch-desk.ts";
import { createHandler } from "./handler.ts";
import { createLedger, type Ledger } from "./ledger.ts";
import { createLimiter, type LimitOptions } from "../limits/limiter.ts";
import { checkLimits, readOptions, type SimulatorOptions } from "./options.ts";
import { Repeats } from "./repeats.ts";
import { Service } from "./service.ts";
import { createCounters, type SimulatorStats } from "./stats.ts";

/** A running simulator. It ends with `close()` or at the end of an `await using` block. */
export interface Simulator extends AsyncDisposable {
  /** The base URL of the API for clients, such as `http://127.0.0.1:49152/v1`. */
  readonly baseUrl: string;
  /** The base URL of every API, for the provider of that name: `urls.anthropic`. */
  readonly urls: Readonly<Record<ApiName, string>>;
  /** The key that requests must carry. */
  readonly apiKey: string;
  readonly ledger: Ledger;
  /** What its batches have done and have. */
  readonly batches: BatchRecord;
  stats(): SimulatorStats;
  /** Puts the clock of the batches forward by so many milliseconds. */
  advance(ms: number): void;
  /** Replaces the limits; nothing of the new ones is used yet. */
  setLimits(limits: LimitOptions): void;
  /** `false` cuts every connection and refuses new ones, until `true` accepts connections again. */
  setReachable(isReachable: boolean): Promise<void>;
  /** Forgets all requests and the use of the limits. Requests in progress continue. */
  reset(): void;
  /** Stops listening and cuts every connection, also those on which an answer is awaited. */
  close(): Promise<void>;
}

/** The number of bodies whose repeats are counted. */
const REMEMBERED_BODIES = 100_000;

/**
 * Starts an HTTP server on 127.0.0.1 that behaves like an LLM API.
 *
 * @throws RangeError if a number among the options is out of its range
 *
 * @example
 * ```ts
 * import { startSimulator } from "@parallel-parrot/simulator";
 *
 * await using simulator = await startSimulator({ limits: { requestsPerMinute: 500 } });
 * const response = await fetch(`${simulator.baseUrl}/chat/completions`, {
 *   method: "POST",
 *   headers: { authorization: `Bearer ${simulator.apiKey}` },
 *   body: JSON.stringify({ model: "any", messages: [{ role: "user", content: "Hello" }] }),
 * });
 * ```
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const settings = readOptions(options);
  const startMs = performance.now();
  const now = (): number => performance.now() - startMs;
  const ledger = createLedger(settings.ledgerLimit);
  const repeats = new Repeats(REMEMBERED_BODIES);
  const service = new Service(settings, now);
  let { limits } = settings;
  let connections = 0;

  const server = createServer(createHandler({ service, ledger, repeats, settings, now }));
  server.on("connection", () => {
    connections += 1;
  });
  await listen(server, settings.port);
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= closeServer(server));

  return {
    baseUrl: `${origin}${settings.dialect.basePath}`,
    urls: service.apis.urls(origin),
    apiKey: settings.apiKey,
    ledger,
    get batches() {
      return service.batches.record();
    },
    advance: (ms) => service.batches.advance(ms),
    stats() {
      const { received: requests, inFlight, maxInFlight } = ledger;
      const counters = structuredClone(service.counters);
      return { requests, ...counters, inFlight, maxInFlight, connections, limits: service.limiter.use() };
    },
    setLimits(newLimits) {
      limits = checkLimits(newLimits);
      service.limiter = createLimiter(limits);
    },
    async setReachable(isReachable) {
      if (isReachable === server.listening) return;
      if (isReachable) await listen(server, port);
      else await closeServer(server);
    },
    reset() {
      ledger.reset();
      repeats.clear();
      service.batches.reset();
      service.promptCache?.clear();
      connections = 0;
      service.counters = createCounters();
      service.limiter = createLimiter(limits);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function listen(server: Server, port: number): Promise<void> {
  // Connections have no time limits: only our own clients connect.
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  server.headersTimeout = 0;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.once("listening", resolve);
  // A sudden burst of thousands of connections must not be refused.
  server.listen({ host: "127.0.0.1", port, backlog: 16_384 });
  await promise;
  server.off("error", reject);
}

async function closeServer(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeAllConnections();
  await promise;
}
