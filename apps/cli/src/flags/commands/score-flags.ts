import { flag, MANDATORY } from "../flag.ts";
import { READING_FLAGS } from "../groups/reading-flags.ts";
import { LEAVING_OUT_FLAGS } from "../groups/selection-flags.ts";
import { NAMES, SWITCH, TEXT } from "../kinds/kind.ts";

/** Options of `parrot score`. */
export const SCORE_FLAGS = {
  against: flag({
    flag: "--against <column>",
    kind: TEXT,
    default: MANDATORY,
    help: "column with what is right, such as labels made by hand",
    libraryNames: [],
  }),
  column: flag({
    flag: "--column <columns>",
    kind: NAMES,
    default: undefined,
    help: "columns with answers, separated by commas; label stands for each label@… of compared models",
    without: "output, or each output@… of compared models",
    libraryNames: [],
  }),
  json: flag({
    flag: "--json",
    kind: SWITCH,
    default: false,
    help: "print the scores as JSON, with all digits",
    libraryNames: [],
  }),
  ...READING_FLAGS,
  ...LEAVING_OUT_FLAGS,
};
