import { isParrotError, type ParrotError } from "@parallel-parrot/core";

const OWN: ReadonlySet<string> = new Set(["AUTHENTICATION", "PERMISSION", "MISSING_KEY"]);

/** Whether what came in place of credentials concerns this member of a pool alone. */
export function isOwnError(error: unknown): error is ParrotError {
  return isParrotError(error) && OWN.has(error.code);
}
