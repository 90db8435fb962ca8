/**
 * Why a database cannot be used:
 *
 * - `BAD_ADDRESS`: it is no address of a PostgreSQL database.
 * - `INSECURE`: the connection leaves this machine, and the address does not ask for a checked certificate.
 * - `UNREACHABLE`: nobody answers there, or not to this user.
 * - `NO_RIGHTS`: it is not prepared, and this user may not do it.
 * - `OTHER_VERSION`: it was prepared by another version of this package.
 */
export type DatabaseErrorCode = "BAD_ADDRESS" | "INSECURE" | "UNREACHABLE" | "NO_RIGHTS" | "OTHER_VERSION";

/** A database cannot be used, with what to do about it. */
export class DatabaseError extends Error {
  override readonly name: string = "DatabaseError";
  readonly code: DatabaseErrorCode;

  constructor(code: DatabaseErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
