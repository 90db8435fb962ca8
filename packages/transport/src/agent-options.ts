import { createSecureContext, type ConnectionOptions } from "node:tls";
import { ParrotError } from "@parallel-parrot/core";
import type { PoolOptions } from "./connection-pool.ts";

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

const DEFAULTS = {
  maxConnections: 16_384,
  maxH2Connections: 128,
  maxConcurrentStreams: 100,
  maxConnecting: 64,
  connectTimeoutMs: 10_000,
  keepAliveTimeoutMs: 60_000,
};

/** Fills in defaults. @throws ParrotError `INVALID_OPTION` that names the option */
export function resolveAgentOptions(options: AgentOptions): PoolOptions {
  const { allowH2 = true, connect = {} } = options;
  const numbers = { ...DEFAULTS };
  for (const option of Object.keys(DEFAULTS) as (keyof typeof DEFAULTS)[]) {
    const value = options[option] ?? DEFAULTS[option];
    if (!Number.isInteger(value) || value < 1) {
      const message = `Cannot use the option ${option}: expected a whole number of at least 1, got ${value}`;
      throw new ParrotError("INVALID_OPTION", message, { option });
    }
    numbers[option] = value;
  }
  const secureContext = connect.secureContext ?? createSecureContext(connect);
  return { ...numbers, allowH2, connect: { ...connect, secureContext } };
}
