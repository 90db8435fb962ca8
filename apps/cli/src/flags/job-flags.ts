import { jobFlag, type JobFlag, type JobFlags } from "./flag.ts";
import { inGroup } from "./flag-group.ts";
import { NAMES, SWITCH, TEXT } from "./kinds/kind.ts";
import { ASKING_FLAGS } from "./groups/asking-flags.ts";
import { BATCH_FLAGS } from "./groups/batch-flags.ts";
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

/** Options of `data`. */
export const DATA_FLAGS = inGroup("Values to ask for (columns, data)", {
  keys: jobFlag({
    flag: "--keys <keys>",
    kind: NAMES,
    default: undefined,
    help: "names of the values, separated by commas, which become columns; each value is text",
    readme:
      "the names of the values, separated by commas, which become columns; each value is the text as it was written",
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
    help: "JSON Schema of one object, or for data of an array of them",
    readme: "JSON Schema of one object, or for `data` of an array of them; an `integer` keeps all its digits",
    inlinedAs: "schemaText",
    libraryNames: [],
    pipeline: undefined,
    identity: { of: "product", place: 20 },
    change: { words: "the schema", showsValues: false },
    takenBy: undefined,
    namesFile: true,
    isAuthority: false,
  }),
  single: jobFlag({
    flag: "--single",
    kind: SWITCH,
    default: false,
    help: "one object per row instead of a list, as columns asks for (data)",
    readme: "for `data`: one object per row instead of a list, which is what `columns` asks for",
    readmeDefault: "a list",
    libraryNames: [],
    pipeline: undefined,
    identity: { of: "product", place: 21 },
    change: { words: "--single", showsValues: true },
    takenBy: undefined,
    isAuthority: false,
  }),
});

/** Options of `columns`. */
export const COLUMNS_FLAGS = { keys: DATA_FLAGS.keys, schema: DATA_FLAGS.schema };

/** Options of `text`, `columns` and `data` alike, in the order of their help. */
export const GENERATE_FLAGS = {
  ...READING_FLAGS,
  ...SELECTION_FLAGS,
  ...WRITING_FLAGS,
  ...KEEPING_FLAGS,
  ...ASKING_FLAGS,
  ...RUNNING_FLAGS,
  ...BATCH_FLAGS,
};

/** The options of each command that asks for answers to rows. */
export const ASKING_COMMANDS = {
  text: { ...GENERATE_FLAGS, ...TEXT_FLAGS },
  columns: { ...GENERATE_FLAGS, ...COLUMNS_FLAGS },
  data: { ...GENERATE_FLAGS, ...DATA_FLAGS },
} as const satisfies Readonly<Record<string, JobFlags>>;

/** A command that asks for answers to rows. */
export type AskingCommand = keyof typeof ASKING_COMMANDS;

/** Every option of a job, which is one of an {@linkcode AskingCommand}. */
export const JOB_FLAGS = { ...GENERATE_FLAGS, ...TEXT_FLAGS, ...DATA_FLAGS };

/** The same as a list: each with the name of its value, in the order of the help. */
export const JOB_ROWS: readonly (readonly [name: string, row: JobFlag<unknown>])[] =
  Object.entries<JobFlag<unknown>>(JOB_FLAGS);
