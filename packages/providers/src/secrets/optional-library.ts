import { createRequire } from "node:module";
import { messageOf, ParrotError } from "@parallel-parrot/core";

/** Whether a library that is not ours to bring along is installed. It is looked for beside this package alone. */
export function isInstalled(library: string): boolean {
  try {
    // A bundle may have no address of its own.
    createRequire(import.meta.url).resolve(library);
    return true;
  } catch {
    return false;
  }
}

/** What such a library finds, and finds anew when it expires. */
export interface Renewable<T> {
  /** What holds now. */
  readonly get: () => Promise<T>;
  /** Finds it anew the next time, whatever is told of its end. */
  readonly renew: () => void;
}

/**
 * The error where such a library finds nothing. In mid-run that is a fault that may pass, as that of any server; at the
 * beginning no row could be asked.
 */
export function nothingFound(message: string, cause: unknown, foundBefore: boolean): Error {
  const whole = `${message}: ${messageOf(cause)}`;
  return foundBefore ? new Error(whole, { cause }) : new ParrotError("MISSING_KEY", whole, { cause });
}

/**
 * Handles an optional library that cannot be loaded. Bundlers refuse an import of what is not installed, unless its
 * failure is handled right there.
 */
export function notLoaded(cause: unknown): never {
  throw new Error("Cannot load an optional library, though it is installed", { cause });
}
