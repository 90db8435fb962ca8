import { isParrotError } from "@parallel-parrot/core";

/** What a journal threw that is no ParrotError, as one of a user's own may: no row goes on without its journal. */
export class JournalFault extends Error {
  override readonly name: string = "JournalFault";
  readonly thrown: Error;

  constructor(thrown: unknown) {
    super("The journal threw", { cause: thrown });
    this.thrown = thrown instanceof Error ? thrown : new Error(String(thrown));
  }
}

/** Uses a journal, so that what it throws ends the run and passes for no fault of one row. */
export function withJournal<T>(use: () => T): T {
  try {
    const result = use();
    // What it resolves to stays the same.
    return result instanceof Promise ? (result.catch(refuse) as T) : result;
  } catch (error) {
    return refuse(error);
  }
}

function refuse(error: unknown): never {
  throw isParrotError(error) ? error : new JournalFault(error);
}
