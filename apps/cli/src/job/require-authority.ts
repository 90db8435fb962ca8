import { realpath } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { ParrotError } from "@parallel-parrot/core";
import type { RunSummary } from "@parallel-parrot/journal";
import { commandOf } from "./command-of.ts";
import { describeStranger } from "./describe-run.ts";
import { folderOf, type Job } from "./job.ts";
import { journalOption } from "../journal/journal-place.ts";
import { isOwn } from "../journal/own-runs.ts";
import { say } from "../terminal/report.ts";

/**
 * Makes sure that a run may be resumed: this user has begun it, and its journal is still in the same folder, so that
 * names of files mean what they meant. For any other run it says what that would do, and by which command to begin it
 * anew.
 *
 * @throws ParrotError `JOURNAL_FOREIGN`
 */
export async function requireAuthority(journal: string, run: RunSummary, job: Job): Promise<void> {
  const why = isOwn(run) ? await whyElsewhere(journal, run, job) : WHY[run.origin];
  if (why === undefined) return;
  say(`If it went on, run ${run.id} in ${journal} would, according to the journal:`);
  for (const line of describeStranger(run, job)) say(line);
  const again =
    job.later === undefined
      ? `read this command and type it: ${commandOf(job)}`
      : `write its steps into a file, read that and run it: parrot job show ${run.id}`;
  say(`If that is what you want, ${again}${journalOption(journal)}`);
  const answers = run.origin === "foreign" ? "; add --trust-journal to use the answers that are there" : "";
  throw new ParrotError(
    "JOURNAL_FOREIGN",
    `Cannot go on with run ${run.id} in ${journal}: ${why}. Nothing was read, sent or written. Give a key file and --overwrite again where they are needed${answers}`,
    { file: journal },
  );
}

const WHY: Readonly<Record<RunSummary["origin"], string>> = {
  own: "",
  adopted: "you have taken over its answers, but not what it does",
  foreign:
    "it is not signed by you, so somebody else has begun it, or you have on another machine or with a version that did not sign",
  damaged: "it was changed or damaged since it was begun",
};

/** Why names of files may mean other files than when the run was begun; `undefined` where they do not. */
async function whyElsewhere(
  journal: string,
  { manifest }: RunSummary,
  job: Job,
): Promise<string | undefined> {
  const name = job.options.journal;
  const place = resolve(folderOf(manifest), typeof name === "string" ? name : journal);
  // A journal that was replaced in mid-run is in the same folder, under another name.
  const folders = [place, journal].map((path) => dirname(path));
  const [then, now] = await Promise.all(folders.map((folder) => realpath(folder).catch(() => folder)));
  return then === now
    ? undefined
    : `it was begun when its journal was ${place}, and from here the names of its files may mean other files`;
}
