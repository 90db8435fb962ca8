import { constants } from "node:fs";
import { open, realpath, rename, rm } from "node:fs/promises";
import type { LiveRun, RunCourse } from "@parallel-parrot/ui";
import { readCourse } from "./course.ts";
import { LIVE_SUFFIX } from "./live-suffix.ts";

/** What a run tells of itself while it goes on, in a file beside its journal. */
export interface LiveRecord {
  readonly run: number;
  /** The process that tells it. */
  readonly pid: number;
  readonly live: LiveRun;
  readonly course: RunCourse;
}

/** More than a run ever tells. */
const MOST_BYTES = 262_144;
const PRIVATE = 0o600;
/** Neither where a link leads nor, for ever, at a pipe. Windows has no such flags. */
const READ_ONLY_ITSELF = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/**
 * Puts the record in the place of the one before, so that whoever reads it sees one of both as a whole. A file that is in
 * the way is replaced and never written to, whatever its name leads to.
 */
export async function writeLive(journal: string, record: LiveRecord): Promise<void> {
  const path = await pathOf(journal);
  const next = `${path}-next`;
  await rm(next, { force: true });
  const file = await open(next, "wx", PRIVATE);
  try {
    await file.writeFile(JSON.stringify(record));
  } finally {
    await file.close();
  }
  await rename(next, path);
}

export async function removeLive(journal: string): Promise<void> {
  const path = await pathOf(journal);
  for (const name of [path, `${path}-next`]) await rm(name, { force: true });
}

/** What the last run of a journal has told; `undefined` where it ended by itself, or nothing of it can be read. */
export async function readLive(journal: string): Promise<LiveRecord | undefined> {
  try {
    const file = await open(await pathOf(journal), READ_ONLY_ITSELF);
    try {
      const status = await file.stat();
      const user = process.getuid?.();
      const isOurs = user === undefined || status.uid === user;
      if (!status.isFile() || !isOurs || status.size > MOST_BYTES) return undefined;
      return readRecord(JSON.parse(await file.readFile("utf8")));
    } finally {
      await file.close();
    }
  } catch {
    return undefined;
  }
}

/** A link to a journal counts as that journal. */
async function pathOf(journal: string): Promise<string> {
  return `${await realpath(journal)}${LIVE_SUFFIX}`;
}

function readRecord(value: unknown): LiveRecord | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { run, pid, live, course: kept } = value as Partial<Record<keyof LiveRecord, unknown>>;
  const course = readCourse(kept);
  if (typeof run !== "number" || typeof pid !== "number" || course === undefined || !isLive(live))
    return undefined;
  return { run, pid, live, course };
}

/** Whether the lists and numbers are there that the page shows without a look; what else is in it is text for it. */
function isLive(value: unknown): value is LiveRun {
  if (typeof value !== "object" || value === null) return false;
  const live = value as Readonly<Record<string, unknown>>;
  return (
    ["toldAt", "done", "failed", "reused", "perMinute", "inFlight", "waiting", "backingOff"].every(
      (name) => typeof live[name] === "number",
    ) &&
    ["unanswered", "unusable", "waits", "limits", "steps"].every((name) => Array.isArray(live[name])) &&
    typeof live["budget"] === "object" &&
    live["budget"] !== null
  );
}
