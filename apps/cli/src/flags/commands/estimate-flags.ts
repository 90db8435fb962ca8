import { flag } from "../flag.ts";
import { SWITCH, WHOLE } from "../kinds/kind.ts";

/** What `parrot estimate` adds to the options of `text`, `columns` and `data`. */
export const ESTIMATE_FLAGS = {
  lookAt: flag({
    flag: "--look-at <rows>",
    kind: WHOLE,
    default: 20,
    help: "rows to look at, drawn at random from those that would be asked",
    readme: "rows to look at, drawn at random from all that would be asked; `--sample-seed` draws others",
    libraryNames: [],
  }),
  ask: flag({
    flag: "--ask",
    kind: SWITCH,
    default: false,
    help: "ask the rows that are looked at for real, which is paid for",
    readme:
      "ask them for real: true lengths, answers asked again, the server's limits; it says what it has spent",
    readmeDefault: "count here, which is free",
    libraryNames: [],
  }),
  outputTokens: flag({
    flag: "--output-tokens <count>",
    kind: WHOLE,
    default: undefined,
    help: "tokens of an answer to assume when nothing is asked",
    readmeDefault: "as in the journal, else `--max-tokens` at most",
    libraryNames: [],
  }),
  json: flag({
    flag: "--json",
    kind: SWITCH,
    default: false,
    help: "print the estimate as JSON",
    libraryNames: [],
  }),
};
