import { flag, type Flags } from "../flag.ts";
import { KEY_FLAGS } from "../go-on-flags.ts";
import { SWITCH } from "../kinds/kind.ts";
import { JOURNAL_FLAGS } from "./journal-flags.ts";

/** Options of `parrot batch list`. */
export const LIST_JOBS_FLAGS = {
  ...JOURNAL_FLAGS,
  all: flag({
    flag: "--all",
    kind: SWITCH,
    default: false,
    help: "also jobs that are done with",
    libraryNames: [],
  }),
  json: flag({ flag: "--json", kind: SWITCH, default: false, help: "as JSON", libraryNames: [] }),
};

/** Options of `parrot batch cancel`. */
export const CANCEL_JOB_FLAGS: Flags = { ...JOURNAL_FLAGS, ...KEY_FLAGS };

/** Options of `parrot batch forget`. */
export const FORGET_JOB_FLAGS = JOURNAL_FLAGS;
