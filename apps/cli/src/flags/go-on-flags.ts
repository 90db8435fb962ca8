import { flag, type Flags, type NamesBy, type NamesOfModel, type ValuesOf } from "./flag.ts";
import { JOB_ROWS, type GENERATE_FLAGS } from "./job-flags.ts";
import { NAMES, SWITCH, WHOLES } from "./kinds/kind.ts";
import type { GenerateOptions } from "./options.ts";

type ResumeName = NamesBy<typeof GENERATE_FLAGS, "resume">;
type RetryName = NamesBy<typeof GENERATE_FLAGS, "retry-failed">;

/** The options of `parrot resume`: they may differ from those of the run, as they change nothing of the requests. */
export type ResumeFlags = Partial<Pick<GenerateOptions, Exclude<ResumeName, "journal">>> & {
  /** Where the run is. */
  readonly journal: string;
};

/** The options of `parrot retry-failed`: with those that may help a row that has failed. */
export type RetryFlags = ResumeFlags & Partial<Pick<GenerateOptions, RetryName>> & ValuesOf<typeof ALL>;

/** The options with which `retry-failed` may change requests: neither the prompt nor how answers are read. */
export type RetryChange = Partial<Pick<GenerateOptions, RetryName | NamesOfModel<typeof GENERATE_FLAGS>>>;

const ALL = {
  all: flag({
    flag: "--all",
    kind: SWITCH,
    default: false,
    help: "also rows that would fail the same way, such as refused ones",
    libraryNames: [],
  }),
  row: flag({
    flag: "--row <number...>",
    kind: WHOLES,
    default: [],
    help: "of the failed rows, those with these numbers, counted from 1",
    libraryNames: [],
  }),
  code: flag({
    flag: "--code <codes>",
    kind: NAMES,
    default: [],
    help: "of the failed rows, those that failed with these codes, separated by commas",
    libraryNames: [],
  }),
};

const KEY_NAMES: ReadonlySet<string> = new Set(["keyFile", "keyCommand", "dotenv", "header"]);

/** Options of `parrot resume`. */
export const RESUME_FLAGS: Flags = flagsBy("resume");

/** Those of them that say which key is sent. */
export const KEY_FLAGS: Flags = Object.fromEntries(
  Object.entries(RESUME_FLAGS).filter(([name]) => KEY_NAMES.has(name)),
);

/** Options of `parrot retry-failed`. */
export const RETRY_FLAGS: Flags = { ...RESUME_FLAGS, ...flagsBy("retry-failed"), ...ALL };

/**
 * The rows that a command takes, as it has them. An option that is not given keeps the value that the run was begun
 * with.
 */
function flagsBy(command: "resume" | "retry-failed"): Flags {
  const taken = JOB_ROWS.flatMap(([name, row]) => {
    const { takenBy, without: _, negated: _negated, ...others } = row;
    if (takenBy?.command !== command) return [];
    const usual = "default" in takenBy ? takenBy.default : others.kind === SWITCH ? false : undefined;
    return [[name, { ...others, help: takenBy.help ?? others.help, default: usual }] as const];
  });
  return Object.fromEntries(taken);
}
