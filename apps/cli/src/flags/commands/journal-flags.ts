import { DEFAULT_JOURNAL } from "../default-journal.ts";
import { flag } from "../flag.ts";
import { POSITIVE, SWITCH, TEXT, WHOLE, WHOLES } from "../kinds/kind.ts";

/** The option that names a journal that is there. */
export const JOURNAL_FLAGS = {
  journal: flag({
    flag: "--journal <file>",
    kind: TEXT,
    default: DEFAULT_JOURNAL,
    help: "the journal",
    libraryNames: ["journal"],
  }),
};

/** Options of `parrot journal show`. */
export const SHOW_FLAGS = {
  ...JOURNAL_FLAGS,
  json: flag({ flag: "--json", kind: SWITCH, default: false, help: "as JSON", libraryNames: [] }),
};

/** Options of `parrot journal export`. */
export const EXPORT_FLAGS = {
  ...JOURNAL_FLAGS,
  run: flag({
    flag: "--run <run>",
    kind: WHOLE,
    default: undefined,
    help: "those of one run only",
    libraryNames: [],
  }),
  withRows: flag({
    flag: "--with-rows",
    kind: SWITCH,
    default: false,
    help: "with the row of the input and the prompt of each, read from the inputs again",
    libraryNames: [],
  }),
};

/** Options of `parrot journal merge`. */
export const MERGE_FLAGS = {
  ...JOURNAL_FLAGS,
  trustJournal: flag({
    flag: "--trust-journal",
    kind: SWITCH,
    default: false,
    help: "take over answers that others, or you on another machine, have kept",
    libraryNames: ["adopt"],
  }),
};

/** Options of `parrot journal prune`. */
export const PRUNE_FLAGS = {
  ...JOURNAL_FLAGS,
  olderThan: flag({
    flag: "--older-than <days>",
    kind: POSITIVE,
    default: undefined,
    help: "runs that were not used for so many days",
    libraryNames: ["olderThanMs"],
    errorWords: "--older-than, --run, --keep-last, --failures",
  }),
  run: flag({
    flag: "--run <run...>",
    kind: WHOLES,
    default: [],
    help: "these runs",
    libraryNames: ["runs"],
  }),
  keepLast: flag({
    flag: "--keep-last <count>",
    kind: WHOLE,
    default: undefined,
    help: "all runs except the last so many",
    libraryNames: [],
  }),
  failures: flag({
    flag: "--failures",
    kind: SWITCH,
    default: false,
    help: "records of refusals, so that they are asked again",
    libraryNames: [],
  }),
};
