import { jobFlag, type JobFlag } from "./flag.ts";
import { inGroup } from "./flag-group.ts";
import { NAMES, SWITCH, TEXT } from "./kinds/kind.ts";
import { ASKING_FLAGS } from "./groups/asking-flags.ts";
import { KEEPING_FLAGS } from "./groups/keeping-flags.ts";
import { READING_FLAGS } from "./groups/reading-flags.ts";
import { RUNNING_FLAGS } from "./groups/running-flags.ts";
import { SELECTION_FLAGS } from "./groups/selection-flags.ts";
import { WRITING_FLAGS } from "./groups/writing-flags.ts";

/** Options of `text` alone. */
export const TEXT_FLAGS = inGroup("Column of the answers (text)", {
  outputKey: jobFlag({
    flag: "--output-key <column>",
    kind: TEXT,
    default: "output",
    help: "column for the answers",
    libraryNames: [],
    pipeline: undefined,
    identity: { of: "product", place: 18 },
    change: undefined,
    takenBy: undefined,
    isAuthority: false,
  }),
});

/** Options of `data` alone. */
export const DATA_FLAGS = inGroup("Objects to ask for (data)", {
  keys: jobFlag({
    flag: "--keys <keys>",
    kind: NAMES,
    default: undefined,
    help: "keys of the objects, separated by commas; every value is text",
    readme: "the keys of the objects, separated by commas; every value is the text as it was written",
    libraryNames: [],
    pipeline: undefined,
    identity: { of: "product", place: 19 },
    change: { words: "--keys", showsValues: true },
    takenBy: undefined,
    isAuthority: false,
  }),
  schema: jobFlag({
    flag: "--schema <file>",
    kind: TEXT,
    default: undefined,
    help: "JSON Schema of one object, or of an array of them",
    readme: "JSON Schema of one object, or of an array of them; an `integer` keeps all its digits",
    inlinedAs: "schemaText",
    libraryNames: [],
    pipeline: undefined,
    identity: { of: "product", place: 20 },
    change: { words: "the schema", showsValues: false },
    takenBy: undefined,
    isAuthority: false,
  }),
  single: jobFlag({
    flag: "--single",
    kind: SWITCH,
    default: false,
    help: "one object per row instead of a list",
    readmeDefault: "a list",
    libraryNames: [],
    pipeline: undefined,
    identity: { of: "product", place: 21 },
    change: { words: "--single", showsValues: true },
    takenBy: undefined,
    isAuthority: false,
  }),
});

/** Options of `text` and `data` alike, in the order of their help. */
export const GENERATE_FLAGS = {
  ...READING_FLAGS,
  ...SELECTION_FLAGS,
  ...WRITING_FLAGS,
  ...KEEPING_FLAGS,
  ...ASKING_FLAGS,
  ...RUNNING_FLAGS,
};

/** Every option of a job, which is one of `text` or `data`. */
export const JOB_FLAGS = { ...GENERATE_FLAGS, ...TEXT_FLAGS, ...DATA_FLAGS };

/** The same as a list: each with the name of its value, in the order of the help. */
export const JOB_ROWS: readonly (readonly [name: string, row: JobFlag<unknown>])[] =
  Object.entries<JobFlag<unknown>>(JOB_FLAGS);
