import { DatabaseError } from "./database-error.ts";

/** Options of how to reach a database. */
export interface DatabaseOptions {
  /**
   * Whether to connect to another machine without checking its certificate: whoever is between could read what is sent,
   * and the password. @default false
   */
  readonly insecure?: boolean;
}

const LOOPBACK: ReadonlySet<string> = new Set(["", "localhost", "127.0.0.1", "[::1]"]);

/**
 * Checks an address such as `postgres://user@host/database?sslmode=verify-full`. A password is better in `PGPASSWORD` or
 * a `.pgpass` file, which other users of the machine do not see.
 *
 * @throws DatabaseError
 */
export function checkAddress(address: string, { insecure = false }: DatabaseOptions): string {
  // A password may be in what is no address, so that it is not repeated.
  if (!URL.canParse(address) || !/^postgres(?:ql)?:\/\//.test(address))
    throw new DatabaseError(
      "BAD_ADDRESS",
      "The address of the database cannot be used: expected one such as postgres://user@host/database",
    );
  const url = new URL(address);
  const host =
    url.searchParams.get("host") ?? (url.hostname === "" ? (process.env["PGHOST"] ?? "") : url.hostname);
  // A path is a socket of this machine.
  const isHere = LOOPBACK.has(host) || host.startsWith("/");
  if (isHere || insecure || url.searchParams.get("sslmode") === "verify-full") return address;
  throw new DatabaseError(
    "INSECURE",
    `The connection to the database at ${host} would not be checked: add ?sslmode=verify-full to its address, or allow it as it is with the option insecure`,
  );
}

/** Where a database is, without the password. */
export function nameOfDatabase(address: string): string {
  const { host, pathname } = new URL(address);
  return `${host === "" ? "this machine" : host}${pathname}`;
}
