import type { SimError, SimResponse } from "../../dialect.ts";
import { writeOpenaiError } from "./errors.ts";

/** An error in OpenAI's form and a server's own words. */
interface OwnError {
  readonly status: number;
  readonly message: string;
  readonly type: string;
  /** @default null */
  readonly code?: string;
}

/** The errors that a server tells in its own words. */
export type OwnErrors = Readonly<Partial<Record<SimError["kind"], OwnError>>>;

/** Makes the function that writes these errors; it writes all others as OpenAI does. */
export function ownErrors(errors: OwnErrors): (error: SimError) => SimResponse {
  return (error) => {
    const own = errors[error.kind];
    if (own === undefined) return writeOpenaiError(error);
    const { status, message, type, code = null } = own;
    return { status, headers: {}, body: { error: { message, type, param: null, code } } };
  };
}
