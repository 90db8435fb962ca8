import { jobFlag } from "../flag.ts";
import { TEXT, TEXTS } from "../kinds/kind.ts";

/** Fields and headers of a request that no other option sets: options of `text`, `columns` and `data`. */
export const REQUEST_FLAGS = {
  param: jobFlag({
    flag: "--param <key=json>",
    kind: TEXTS,
    default: undefined,
    help: "field of the request's body that has no option of its own, such as service_tier=flex; may be repeated",
    readmeDefault: "none",
    readme:
      "a field of the request's body that has no option of its own: `service_tier=flex`, `options.num_ctx=8192`, `'chat_template_kwargs={\"enable_thinking\":false}'`; may be repeated; see [fields and headers](#fields-and-headers-of-the-request)",
    libraryNames: ["extraBody"],
    errorWords: "--param or --extra-body",
    pipeline: undefined,
    identity: { of: "asking", place: 42, later: (params) => `param ${JSON.stringify(params)}` },
    change: { words: "--param", showsValues: true },
    takenBy: undefined,
    isAuthority: false,
  }),
  extraBody: jobFlag({
    flag: "--extra-body <file>",
    kind: TEXT,
    default: undefined,
    help: "JSON file with more fields of the request's body",
    readmeDefault: "none",
    inlinedAs: "extraBodyText",
    libraryNames: [],
    pipeline: undefined,
    identity: { of: "asking", place: 43, later: (text) => `extra body ${text}` },
    change: { words: "the extra fields of the body", showsValues: false },
    takenBy: undefined,
    namesFile: true,
    isAuthority: false,
  }),
  header: jobFlag({
    flag: "--header <name: value>",
    kind: TEXTS,
    default: undefined,
    help: "header of every request; in the value, $NAME is from the environment and @FILE from a file; may be repeated",
    readmeDefault: "none",
    readme:
      "a header of every request, such as `'x-team: red'`; a secret from the environment (`'x-key: $NAME'`, in single quotes) or from a file (`'x-key: @FILE'`); may be repeated; see [fields and headers](#fields-and-headers-of-the-request)",
    libraryNames: ["headers", "secretHeaders"],
    pipeline: undefined,
    identity: undefined,
    change: undefined,
    takenBy: {
      command: "resume",
      help: "header of every request; has to be given again; may be repeated",
    },
    isAuthority: true,
    isKept: false,
  }),
};
