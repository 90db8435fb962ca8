import { readFile } from "node:fs/promises";
import { Client, escapeIdentifier, type ClientBase } from "pg";
import { checkAddress, nameOfDatabase, type DatabaseOptions } from "./database-address.ts";
import { DatabaseError } from "./database-error.ts";

/** Options of {@linkcode prepareDatabase}. */
export interface PrepareOptions extends DatabaseOptions {
  /** A role that may share limits and nothing else: it sees none of the tables. @default none but the owner */
  readonly workerRole?: string;
}

/** Of the tables and functions in sql/. */
const VERSION = 1;
/** The lock under which the schema is made, so that one of many that start at once makes it. */
const LOCK = 7_060_001;
const CONNECT_MS = 10_000;

/**
 * Makes the tables and functions in the schema `parrot`, where they are not there. Whoever shares a limit does it as well,
 * if allowed; it is only needed for users that may not create a schema.
 *
 * @throws DatabaseError
 */
export async function prepareDatabase(database: string, options: PrepareOptions = {}): Promise<void> {
  const connectionString = checkAddress(database, options);
  const client = new Client({ connectionString, connectionTimeoutMillis: CONNECT_MS });
  // A connection that breaks is told by the query that it breaks.
  client.on("error", () => undefined);
  try {
    await client.connect();
  } catch (error) {
    throw new DatabaseError(
      "UNREACHABLE",
      `The database at ${nameOfDatabase(database)} cannot be reached: ${messageOf(error)}`,
      { cause: error },
    );
  }
  try {
    if (!(await isPrepared(client))) await prepare(client, database);
    const role = options.workerRole;
    if (role === undefined) return;
    const name = escapeIdentifier(role);
    await client.query(`grant usage on schema parrot to ${name}`);
    await client.query(`grant select on parrot.version to ${name}`);
    await client.query(`grant execute on function parrot.lease(text, text, jsonb) to ${name}`);
  } finally {
    await client.end();
  }
}

async function prepare(client: ClientBase, database: string): Promise<void> {
  const sql = await readFile(new URL("../../src/sql/limit.sql", import.meta.url), "utf8");
  try {
    await client.query("begin");
    await client.query("select pg_advisory_xact_lock($1)", [LOCK]);
    if (!(await isPrepared(client))) {
      await client.query(sql);
      await client.query("revoke execute on all functions in schema parrot from public");
    }
    await client.query("commit");
  } catch (error) {
    await client.query("rollback");
    if (error instanceof DatabaseError || codeOf(error) !== "42501") throw error;
    throw new DatabaseError(
      "NO_RIGHTS",
      `The database at ${nameOfDatabase(database)} is not prepared, and this user may not do it: its owner has to call prepareDatabase once, with this user as workerRole`,
      { cause: error },
    );
  }
}

/** @throws DatabaseError where it was prepared by another version */
async function isPrepared(client: ClientBase): Promise<boolean> {
  try {
    // A name is looked up in a cache, which does not know what another has just made.
    const found = await client.query(
      "select from pg_class join pg_namespace as space on space.oid = relnamespace where nspname = 'parrot' and relname = 'version'",
    );
    if (found.rowCount === 0) return false;
    const { rows } = await client.query<{ version: number }>("select version from parrot.version");
    const version = rows[0]?.version;
    if (version === VERSION) return true;
    throw new DatabaseError(
      "OTHER_VERSION",
      `The database was prepared by another version of parallel-parrot (${version}, this one needs ${VERSION}): use the same version on all machines, or another database`,
    );
  } catch (error) {
    if (codeOf(error) !== "42501") throw error;
    throw new DatabaseError(
      "NO_RIGHTS",
      "This user may not use the schema parrot of the database: its owner has to call prepareDatabase once, with this user as workerRole",
      { cause: error },
    );
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

/** Node tells of an address that has several numbers by an error without words. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join("; ");
  return error instanceof Error ? error.message : String(error);
}
