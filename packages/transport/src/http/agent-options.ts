import { createSecureContext, type ConnectionOptions } from "node:tls";
import { ParrotError } from "@parallel-parrot/core";
import type { ConnectionPoolOptions } from "./connection-pool.ts";

/** Options of {@linkcode createAgent}. All limits hold for each origin on its own. */
export interface AgentOptions {
  /** The most connections. Each request in flight takes one. @default 16_384 */
  readonly maxConnections?: number;
  /** The most connections that are being established at once. @default 64 */
  readonly maxConnecting?: number;
  /** How long connecting may take, with the TLS handshake. @default 10_000 */
  readonly connectTimeoutMs?: number;
  /** How long an unused connection is kept, where the server does not say. @default 60_000 */
  readonly keepAliveTimeoutMs?: number;
  /** Options of `tls.connect` for each connection: `ca`, `cert`, `key`, `rejectUnauthorized`, `lookup`, … */
  readonly connect?: ConnectionOptions;
  /**
   * The address of a proxy for all connections but those to this machine; `false` for none.
   * @default what HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY say
   */
  readonly proxy?: string | false;
}

const DEFAULTS = {
  maxConnections: 16_384,
  maxConnecting: 64,
  connectTimeoutMs: 10_000,
  keepAliveTimeoutMs: 60_000,
};

/** Fills in defaults. @throws ParrotError `INVALID_OPTION` that names the option */
export function resolveAgentOptions(options: AgentOptions): Omit<ConnectionPoolOptions, "route"> {
  const { connect = {} } = options;
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
  return { ...numbers, connect: { ...connect, secureContext } };
}
