import { jobFlag } from "../flag.ts";
import { NAMES, SWITCH, WHOLE } from "../kinds/kind.ts";

/** How many answers a row gets, and what becomes of them: options of `text`, `columns` and `data`. */
export const CHOICE_FLAGS = {
  n: jobFlag({
    flag: "--n <count>",
    kind: WHOLE,
    default: 1,
    help: "answers to each row (choices); equal ones are merged",
    libraryNames: ["n"],
    pipeline: (n) => ({ n }),
    identity: { of: "asking", place: 5 },
    change: { words: "--n", showsValues: true },
    takenBy: undefined,
    isAuthority: false,
  }),
  vote: jobFlag({
    flag: "--vote",
    kind: SWITCH,
    default: false,
    help: "of the answers to a row (--n) keep the one that most give, with its share in a column vote_share",
    readme:
      "of the answers to a row (`--n`) keep the one that most give, with its share in a column `vote_share`; see [votes](#votes)",
    readmeDefault: "all are kept",
    libraryNames: [],
    pipeline: undefined,
    identity: { of: "product", place: 160, later: (isOn) => (isOn ? "vote" : undefined) },
    change: { words: "--vote", showsValues: true },
    takenBy: undefined,
    isAuthority: false,
  }),
  voteBy: jobFlag({
    flag: "--vote-by <columns>",
    kind: NAMES,
    default: undefined,
    help: "take the vote by these columns of the answers alone, such as a label without its reason",
    without: "all of the answer",
    libraryNames: ["vote.by"],
    pipeline: undefined,
    identity: { of: "product", place: 161, later: (columns) => `vote by ${JSON.stringify(columns)}` },
    change: { words: "--vote-by", showsValues: true },
    takenBy: undefined,
    isAuthority: false,
  }),
  keepDuplicates: jobFlag({
    flag: "--keep-duplicates",
    kind: SWITCH,
    default: false,
    help: "keep equal answers to one row, such as 5 of 5 that say the same",
    readmeDefault: "one of them is kept, and the others are counted",
    libraryNames: [],
    pipeline: (isOn) => (isOn ? { dedupe: false } : {}),
    identity: { of: "product", place: 162, later: (isOn) => (isOn ? "keep duplicates" : undefined) },
    change: { words: "--keep-duplicates", showsValues: true },
    takenBy: undefined,
    isAuthority: false,
  }),
};
