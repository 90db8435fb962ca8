import { addUsage, counted, isParrotError, messageOf as textOf } from "@parallel-parrot/core";
import type { JournalRun, LostRecords } from "@parallel-parrot/journal";
import { formatDollars } from "@parallel-parrot/transport";
import { nearName } from "../journal/journal-place.ts";
import { messageOf, say } from "../terminal/report.ts";

/** What the journal of a run has kept when the run has ended. */
export interface KeptAnswers {
  readonly run: Pick<JournalRun, "path" | "lost" | "movedTo"> | undefined;
  /** Why the journal could not be told that the run has ended. */
  readonly problem: unknown;
}

/** What the journal has kept of a run whose steps have a run of their own each. */
export function keptBy(runs: readonly JournalRun[]): KeptAnswers["run"] {
  const [first, ...others] = runs;
  if (first === undefined || others.length === 0) return first;
  const losses = runs.flatMap(({ lost }) => lost ?? []);
  const [loss] = losses;
  const lost: LostRecords | undefined = loss && {
    records: losses.reduce((sum, { records }) => sum + records, 0),
    usage: losses.map(({ usage }) => usage).reduce((sum, usage) => addUsage(sum, usage)),
    cost: losses.reduce((sum, { cost }) => sum + cost, 0),
    areCounted: losses.every(({ areCounted }) => areCounted),
  };
  return { path: first.path, movedTo: first.movedTo, ...(lost === undefined ? {} : { lost }) };
}

/**
 * Says which answers are not in the journal, and where the journal is if it was moved; says nothing where all is
 * well.
 */
export function tellUnkept({ run, problem }: KeptAnswers, isPriced: boolean): void {
  if (problem !== undefined) say(isParrotError(problem) ? messageOf(problem) : textOf(problem));
  const { lost, path, movedTo } = run ?? {};
  if (lost !== undefined && lost.records > 0) {
    const { records, usage, cost, areCounted } = lost;
    const what = counted(records, "answer that was", "answers that were");
    const tokens = `${counted(usage.inputTokens, "input token")}, ${counted(usage.outputTokens, "output token")}`;
    const money = isPriced ? `; ${formatDollars(cost)}` : "";
    const budget = areCounted
      ? "what that cost counts against the budget when the run is continued"
      : "what that cost could not be recorded either, so no budget will count it";
    say(`${what} paid for could not be kept and will be asked for again (${tokens}${money}); ${budget}`);
  }
  if (path !== undefined && movedTo !== undefined) {
    const place = movedTo === path ? "there again" : `in ${nearName(movedTo)}`;
    say(
      `The journal ${nearName(path)} was removed or replaced during the run; all that was in it is ${place}`,
    );
  }
}

/** A sentence that says what is kept; empty where that is not known. */
export function keptSentence(error: unknown, { run, problem }: KeptAnswers): string {
  if (problem !== undefined) return "";
  if ((run?.lost?.records ?? 0) > 0) return "All other answers are kept. ";
  const isFailure = isParrotError(error) && error.code === "JOURNAL_FAILED" && run?.movedTo === undefined;
  // Requests that were in flight when the journal failed could not be kept.
  return isFailure ? "What the journal had written is kept. " : "Every answer is kept. ";
}
