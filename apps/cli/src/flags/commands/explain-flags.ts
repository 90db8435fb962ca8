import { flag } from "../flag.ts";
import { SWITCH, WHOLE } from "../kinds/kind.ts";

/** What `parrot explain` adds to the options of `text`, `columns` and `data`. */
export const EXPLAIN_FLAGS = {
  json: flag({
    flag: "--json",
    kind: SWITCH,
    default: false,
    help: "one line of JSON for each row that will be asked",
    libraryNames: [],
  }),
  rows: flag({
    flag: "--rows <count>",
    kind: WHOLE,
    default: 3,
    help: "rows to show of each kind",
    libraryNames: [],
  }),
};
