import { flag, MANDATORY } from "../flag.ts";
import { READING_FLAGS } from "../groups/reading-flags.ts";
import { LEAVING_OUT_FLAGS } from "../groups/selection-flags.ts";
import { WRITING_FLAGS } from "../groups/writing-flags.ts";
import { choice, NAMES, TEXT } from "../kinds/kind.ts";

/** Options of `parrot explode`. */
export const EXPLODE_FLAGS = {
  ...READING_FLAGS,
  ...WRITING_FLAGS,
  ...LEAVING_OUT_FLAGS,
  column: flag({
    flag: "--column <column>",
    kind: TEXT,
    default: MANDATORY,
    help: "column that holds the JSON text",
    libraryNames: ["column"],
  }),
  columns: flag({
    flag: "--columns <columns>",
    kind: NAMES,
    default: undefined,
    help: "columns of the output in their order, separated by commas; others are left out",
    readmeDefault: "all",
    libraryNames: [],
  }),
  onFailure: flag({
    flag: "--on-failure <what>",
    kind: choice("keep", "drop", "null", "stop"),
    default: "keep",
    help: "a row whose cell cannot be read: keep it as it is, leave it out, keep it with nulls, or stop",
    libraryNames: [],
  }),
};
