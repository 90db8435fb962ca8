import { jobFlag } from "../flag.ts";
import { inGroup } from "../flag-group.ts";
import { NAMES, TEXT, TEXTS, WHOLE } from "../kinds/kind.ts";

/** What a list adds to the hashes of a run; nothing where it is empty. */
function listed(name: string): (values: readonly string[]) => string | undefined {
  return (values) => (values.length === 0 ? undefined : JSON.stringify([name, ...values]));
}

/** Which rows are asked, and which are made first: options of every command that asks, in the order in which they act. */
export const SELECTION_FLAGS = inGroup("Which rows are asked", {
  cross: jobFlag({
    flag: "--cross <file>",
    kind: TEXTS,
    default: [],
    help: "make a row of each row and each row of this file; may be repeated",
    readme:
      "make a row of each row and each row of this file, with the columns of both, as of topics and personas; may be repeated",
    readmeDefault: "the rows as they are",
    libraryNames: [],
    pipeline: undefined,
    identity: { of: "product", place: 65, later: listed("cross") },
    change: undefined,
    takenBy: undefined,
    namesFile: true,
    isAuthority: false,
  }),
  repeat: jobFlag({
    flag: "--repeat <times>",
    kind: WHOLE,
    default: undefined,
    help: "make so many rows of each, numbered in the column repetition; each is asked, and fails, by itself",
    readmeDefault: "each row once",
    readme:
      "make so many rows of each, numbered from 1 in the column `repetition`, which the prompt may name. Each is asked for itself, and fails for itself; `--n` asks for several answers to one row",
    libraryNames: ["times"],
    pipeline: undefined,
    identity: {
      of: "identity",
      place: 66,
      later: (times) => (times === undefined ? undefined : `repeat ${times}`),
    },
    change: undefined,
    takenBy: undefined,
    isAuthority: false,
  }),
  where: jobFlag({
    flag: "--where <condition>",
    kind: TEXT,
    default: undefined,
    help: 'ask rows for which this is true, such as \'age >= 18 && lang in ["de", "en"]\'',
    readmeDefault: "all",
    readme:
      'ask rows for which this is true, such as `\'age >= 18 && lang in ["de", "en"]\'`; see [below](#which-rows-are-asked)',
    libraryNames: ["condition"],
    pipeline: undefined,
    identity: {
      of: "identity",
      place: 67,
      later: (condition) => (condition === undefined ? undefined : `where ${condition}`),
    },
    change: undefined,
    takenBy: undefined,
    isAuthority: false,
  }),
  skipEmpty: jobFlag({
    flag: "--skip-empty <column>",
    kind: TEXTS,
    default: [],
    help: "leave out rows without anything in this column; may be repeated",
    readmeDefault: "all",
    readme: "leave out rows without anything but blanks in this column; may be repeated",
    libraryNames: [],
    pipeline: undefined,
    identity: { of: "identity", place: 68, later: listed("skip empty") },
    change: undefined,
    takenBy: undefined,
    isAuthority: false,
  }),
  sample: jobFlag({
    flag: "--sample <rows>",
    kind: WHOLE,
    default: undefined,
    help: "ask so many rows, drawn at random; a larger sample has all rows of a smaller one",
    readmeDefault: "all",
    libraryNames: ["size"],
    pipeline: undefined,
    identity: {
      of: "identity",
      place: 69,
      later: (rows) => (rows === undefined ? undefined : `sample ${rows}`),
    },
    change: undefined,
    takenBy: undefined,
    isAuthority: false,
  }),
  sampleSeed: jobFlag({
    flag: "--sample-seed <number>",
    kind: WHOLE,
    default: 1,
    help: "another seed draws another sample; the same one always draws the same",
    libraryNames: [],
    pipeline: undefined,
    identity: { of: "identity", place: 70, later: (seed) => (seed === 1 ? undefined : `seed ${seed}`) },
    change: undefined,
    takenBy: undefined,
    isAuthority: false,
  }),
  offset: jobFlag({
    flag: "--offset <rows>",
    kind: WHOLE,
    default: 0,
    help: "leave out so many rows of those that are left before the first that is asked",
    readmeDefault: "`0`",
    libraryNames: ["offset"],
    pipeline: undefined,
    identity: { of: "identity", place: 71, later: (rows) => (rows === 0 ? undefined : `offset ${rows}`) },
    change: undefined,
    takenBy: undefined,
    isAuthority: false,
  }),
  limit: jobFlag({
    flag: "--limit <rows>",
    kind: WHOLE,
    default: undefined,
    help: "ask so many rows at most",
    readmeDefault: "all",
    readme:
      "ask so many rows at most; nothing behind them is asked, and the answers are found again when all rows are",
    libraryNames: ["limit"],
    pipeline: undefined,
    identity: {
      of: "identity",
      place: 72,
      later: (rows) => (rows === undefined ? undefined : `limit ${rows}`),
    },
    change: undefined,
    takenBy: undefined,
    isAuthority: false,
  }),
  when: jobFlag({
    flag: "--when <condition>",
    kind: TEXT,
    default: undefined,
    help: "ask rows for which this is true, and let all others pass into the output as they are",
    readmeDefault: "all are asked",
    readme:
      "ask rows for which this is true, such as `'score < 3'`; all others are [in the output as they are](#rows-that-pass)",
    libraryNames: ["when"],
    pipeline: (when) => ({ when }),
    identity: {
      of: "product",
      place: 140,
      later: (condition) => (condition === undefined ? undefined : `when ${condition}`),
    },
    change: undefined,
    takenBy: undefined,
    isAuthority: false,
  }),
  columns: jobFlag({
    flag: "--columns <columns>",
    kind: NAMES,
    default: undefined,
    help: "columns of the input that the output keeps, separated by commas; the answers' are always there",
    readmeDefault: "all",
    libraryNames: ["keep"],
    pipeline: (keep) => ({ keep }),
    identity: {
      of: "identity",
      place: 73,
      later: (columns) => (columns === undefined ? undefined : JSON.stringify(["columns", ...columns])),
    },
    change: undefined,
    takenBy: undefined,
    isAuthority: false,
  }),
});

const { where, skipEmpty, sample, sampleSeed, offset, limit } = SELECTION_FLAGS;

/** Those that leave rows out, which commands take too that ask nobody. */
export const LEAVING_OUT_FLAGS = { where, skipEmpty, sample, sampleSeed, offset, limit };
