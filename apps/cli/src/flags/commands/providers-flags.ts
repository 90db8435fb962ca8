import { flag } from "../flag.ts";
import { SWITCH } from "../kinds/kind.ts";

/** Options of `parrot providers`. */
export const PROVIDERS_FLAGS = {
  json: flag({ flag: "--json", kind: SWITCH, default: false, help: "as JSON", libraryNames: [] }),
};
