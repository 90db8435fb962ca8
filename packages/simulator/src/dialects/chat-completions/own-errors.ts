import type { SimError, SimResponse } from "../../dialect.ts";
import { writeOpenaiError } from "./errors.ts";

/** An error in the form of OpenAI's and words of a server's own. */
interface OwnError {
  readonly status: number;
  readonly message: string;
  readonly type: string;
  /** @default null */
  readonly code?: string;
}

/** Errors that a server tells in its own words. */
export type OwnErrors = Readonly<Partial<Record<SimError["kind"], OwnError>>>;

/** A writer of those errors; the others are told as OpenAI does. */
export function ownErrors(errors: OwnErrors): (error: SimError) => SimResponse {
  return (error) => {
    const own = errors[error.kind];
    if (own === undefined) return writeOpenaiError(error);
    const { status, message, type, code = null } = own;
    return { status, headers: {}, body: { error: { message, type, param: null, code } } };
  };
}
