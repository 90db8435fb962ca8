import { isParrotError } from "@parallel-parrot/core";
import type { Amendment, Call } from "@parallel-parrot/providers";
import type { RowContext } from "../request/row-context.ts";
import type { Member } from "./pool-endpoint.ts";
import { isTooLong } from "../errors/verdict.ts";
import type { RejectionError } from "../errors/rejection-error.ts";

/** One request to whichever member of a pool, and who cannot be asked it. */
export interface Asked {
  readonly call: Call;
  readonly replicate: number;
  readonly row: RowContext;
  readonly excluded: Excluded;
  /** With what left out it was looked up at whom. */
  readonly lookedUp: Map<Member, ReadonlySet<Amendment>>;
}

/** Members that cannot be asked something, and why. */
export type Excluded = Map<Member, Error>;

/**
 * What the row is told when nobody can be asked: a budget stops the run, whoever else refused. Of members that find
 * the prompt too long, the one that takes the longest speaks.
 */
export function refusalOf(members: readonly Member[], excluded: Excluded): Error | undefined {
  const refusals = members.flatMap((member) => excluded.get(member) ?? []);
  const tooLong = refusals.filter((error) => isTooLong(error));
  const roomiest = tooLong.toSorted((a, b) => roomOf(b) - roomOf(a))[0];
  return refusals.find((error) => isParrotError(error)) ?? roomiest ?? refusals[0];
}

/** Tokens that a prompt may have; 0 where that is not told. */
function roomOf({ rejection: { contextSize: { allowed = 0, answer = 0 } = {} } }: RejectionError): number {
  return allowed - answer;
}
