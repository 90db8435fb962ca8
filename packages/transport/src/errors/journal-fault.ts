import { isParrotError } from "@parallel-parrot/core";

/** Carries an error of a user's own journal that is no ParrotError. It ends the run: no row may go on without the journal. */
export class JournalFault extends Error {
  override readonly name: string = "JournalFault";
  readonly thrown: Error;

  constructor(thrown: unknown) {
    super("The journal threw", { cause: thrown });
    this.thrown = thrown instanceof Error ? thrown : new Error(String(thrown));
  }
}

/** Uses a journal. What it throws ends the run, and is not taken for the fault of one row. */
export function withJournal<T>(use: () => T): T {
  try {
    const result = use();
    // The cast is right, as `catch` does not change what the promise resolves to.
    return result instanceof Promise ? (result.catch(refuse) as T) : result;
  } catch (error) {
    return refuse(error);
  }
}

function refuse(error: unknown): never {
  throw isParrotError(error) ? error : new JournalFault(error);
}
