import { join } from "node:path";

/** Where the journal is unless told otherwise: one for everything that is run in a folder. */
export const DEFAULT_JOURNAL: string = join(".parrot", "journal.db");
