import { randomUUID } from "node:crypto";
import type { Lease, LeaseRequest, LimitSource } from "@parallel-parrot/limiter";
import { Pool } from "pg";
import { checkAddress, nameOfDatabase, type DatabaseOptions } from "../database/database-address.ts";
import { messageOf, prepareDatabase } from "../database/prepare-database.ts";

/** Options of {@linkcode postgresLimit}. */
export interface PostgresLimitOptions extends DatabaseOptions {
  /**
   * What the limit is one of: all who give the same name share it. It should tell the key by a name of yours, and the
   * model, as limits are theirs: `"openai/team-a/gpt-5"`. The key itself does not belong here, as it is kept.
   */
  readonly scope: string;
}

/** Limits in a PostgreSQL database. */
export interface PostgresLimit extends LimitSource, AsyncDisposable {
  /** Closes the connections. What was granted and not used is free again within a second. */
  close(): Promise<void>;
}

/** A call that takes longer is made again: its lease would be over. */
const QUERY_MS = 5000;

/**
 * Limits that any number of processes and machines share, in a PostgreSQL database (13 or later). Give it to
 * `createLimiter({ source })`.
 *
 * @throws DatabaseError where the database cannot be used
 */
export async function postgresLimit(database: string, options: PostgresLimitOptions): Promise<PostgresLimit> {
  const { scope } = options;
  if (scope === "") throw new RangeError("Cannot use the option scope: expected a name, got an empty one");
  const connectionString = checkAddress(database, options);
  await prepareDatabase(database, options.insecure === undefined ? {} : { insecure: options.insecure });
  const pool = new Pool({
    connectionString,
    // A limiter makes one call at a time.
    max: 1,
    keepAlive: true,
    allowExitOnIdle: true,
    application_name: "parallel-parrot",
    connectionTimeoutMillis: QUERY_MS,
    query_timeout: QUERY_MS,
    statement_timeout: QUERY_MS,
  });
  // A connection that breaks while it is idle is opened again by the next call, and one that is being closed may break.
  pool.on("error", () => undefined);
  const member = randomUUID();
  const close = async (): Promise<void> => {
    if (!pool.ending) await pool.end();
  };
  return {
    async lease(request: LeaseRequest): Promise<Lease> {
      try {
        const { rows } = await pool.query<{ lease: Lease }>({
          name: "lease",
          text: "select parrot.lease($1, $2, $3) as lease",
          values: [scope, member, JSON.stringify(request)],
        });
        const [row] = rows;
        if (row === undefined) throw new Error("it answered nothing");
        return row.lease;
      } catch (error) {
        const reason = `The database at ${nameOfDatabase(database)}, which keeps the shared limit, does not answer: ${messageOf(error)}`;
        throw new Error(reason, { cause: error });
      }
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
