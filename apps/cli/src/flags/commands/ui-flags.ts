import { flag } from "../flag.ts";
import { SWITCH, WHOLE } from "../kinds/kind.ts";
import { JOURNAL_FLAGS } from "./journal-flags.ts";

/** Options of `parrot ui`. */
export const UI_FLAGS = {
  ...JOURNAL_FLAGS,
  port: flag({
    flag: "--port <port>",
    kind: WHOLE,
    default: 0,
    help: "port on 127.0.0.1; 0 takes a free one",
    libraryNames: [],
  }),
  open: flag({
    flag: "--open",
    kind: SWITCH,
    default: false,
    help: "open the page in the browser",
    libraryNames: [],
  }),
};
