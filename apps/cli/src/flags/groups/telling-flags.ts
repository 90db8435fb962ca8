import { jobFlag } from "../flag.ts";
import { SWITCH, TEXT } from "../kinds/kind.ts";

/** Where what happens in a run is told: options of `text`, `columns` and `data`. */
export const TELLING_FLAGS = {
  log: jobFlag({
    flag: "--log <file>",
    kind: TEXT,
    default: undefined,
    help: "file that gets a line of JSON for each event of the run: requests, waits, failures",
    readmeDefault: "none",
    readme:
      "a file that gets a line of JSON for each event of the run, behind those that are in it; see [what happens](#what-happens-in-a-run)",
    libraryNames: [],
    pipeline: undefined,
    identity: undefined,
    change: undefined,
    takenBy: { command: "resume" },
    namesFile: true,
    isAuthority: true,
    isKept: false,
  }),
  logContent: jobFlag({
    flag: "--log-content",
    kind: SWITCH,
    default: false,
    help: "with --log: also prompts, answers and messages, which quote them",
    libraryNames: [],
    pipeline: undefined,
    identity: undefined,
    change: undefined,
    takenBy: { command: "resume" },
    isAuthority: true,
    isKept: false,
  }),
  verbose: jobFlag({
    flag: "--verbose",
    kind: SWITCH,
    default: false,
    help: "say what happens in place of the progress: failed requests, waits, limits, outages",
    readme:
      "say what happens, in place of the progress: requests without an answer, waits, limits, outages; see [what happens](#what-happens-in-a-run)",
    libraryNames: [],
    pipeline: undefined,
    identity: undefined,
    change: undefined,
    takenBy: { command: "resume" },
    isAuthority: false,
    isKept: false,
  }),
  ui: jobFlag({
    flag: "--ui",
    kind: SWITCH,
    default: false,
    help: "show the run in a browser while it goes on",
    readme:
      "a page beside the run, in a [browser](#in-a-browser) on this machine: how far it is, and its rows",
    libraryNames: [],
    pipeline: undefined,
    identity: undefined,
    change: undefined,
    takenBy: { command: "resume" },
    isAuthority: false,
    isKept: false,
  }),
};
