import { flag, type Flags, type NamesBy, type NamesOfModel, type ValuesOf } from "./flag.ts";
import { JOB_ROWS, type GENERATE_FLAGS } from "./job-flags.ts";
import { SWITCH } from "./kind.ts";
import type { GenerateOptions } from "./options.ts";

type ResumeName = NamesBy<typeof GENERATE_FLAGS, "resume">;
type RetryName = NamesBy<typeof GENERATE_FLAGS, "retry-failed">;

/** The options of a run that may be others when it goes on: they change nothing of what is asked. */
export type ResumeFlags = Partial<Pick<GenerateOptions, Exclude<ResumeName, "journal">>> & {
  /** Where the run is. */
  readonly journal: string;
};

/** The options of `parrot retry-failed`: also those that may help a row which failed. */
export type RetryFlags = ResumeFlags & Partial<Pick<GenerateOptions, RetryName>> & ValuesOf<typeof ALL>;

/** What of a job's questions `retry-failed` may change: everything but the prompt and what is read. */
export type RetryChange = Partial<Pick<GenerateOptions, RetryName | NamesOfModel<typeof GENERATE_FLAGS>>>;

const ALL = {
  all: flag({
    flag: "--all",
    kind: SWITCH,
    default: false,
    says: "also rows that would fail the same way, such as refused ones",
    library: [],
  }),
};

/** Options of `parrot resume`. */
export const RESUME_FLAGS: Flags = flagsBy("resume");

/** Options of `parrot retry-failed`. */
export const RETRY_FLAGS: Flags = { ...RESUME_FLAGS, ...flagsBy("retry-failed"), ...ALL };

/** The rows as those that go on with a run have them: what is not given there stays as the run was begun. */
function flagsBy(by: "resume" | "retry-failed"): Flags {
  const taken = JOB_ROWS.flatMap(([name, row]) => {
    const { goOn, without: _, orNot: _orNot, ...others } = row;
    if (goOn?.by !== by) return [];
    const usual = "default" in goOn ? goOn.default : others.kind === SWITCH ? false : undefined;
    return [{ name, place: goOn.place, row: { ...others, says: goOn.says ?? others.says, default: usual } }];
  });
  const sorted = taken.toSorted((one, other) => one.place - other.place);
  return Object.fromEntries(sorted.map(({ name, row }) => [name, row]));
}
