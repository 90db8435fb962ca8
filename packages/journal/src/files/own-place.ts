import { randomBytes } from "node:crypto";
import type { Stats } from "node:fs";
import { lstat, open, readFile, realpath, rm, stat } from "node:fs/promises";
import { userInfo } from "node:os";
import { dirname, join } from "node:path";
import { shellWord } from "@parallel-parrot/core";
import { unusable } from "../journal-error.ts";

/** What SQLite keeps beside a file: its log, the index of that, and what it leaves where it has no log. */
const LOGS = ["-wal", "-shm", "-journal"];
/** What is beside a journal; of its lock too, which somebody else may have made with a log. */
const COMPANIONS = [...LOGS, "-lock", ...LOGS.map((suffix) => `-lock${suffix}`)];

/** The administrator, who may do everything anyway. */
const ROOT = 0;
const STICKY = 0o1000;

/**
 * Refuses a journal that another user of this machine may change: who can write to it, to what is kept beside it or
 * to its folder has a say in what is asked, read and written. In a folder such as `/tmp`, where everybody may make
 * files and change only their own, a journal and all that is beside it have to be the user's. Not looked at on
 * systems without such rights (Windows), nor on drives that keep none.
 *
 * @throws ParrotError `JOURNAL_UNUSABLE`, saying what to do
 */
export async function requireOwnPlace(path: string): Promise<void> {
  const user = process.getuid?.();
  if (user === undefined) return;
  const real = await realpath(path).catch(() => path);
  for (const folder of new Set([dirname(path), dirname(real)])) {
    const status = await stat(folder).catch(() => undefined);
    if (status !== undefined) await requireOwn({ path, place: folder, status, users: [user, ROOT] });
  }
  for (const place of [real, ...COMPANIONS.map((suffix) => `${real}${suffix}`)]) {
    const status = await lstat(place).catch(() => undefined);
    if (status === undefined) continue;
    if (!status.isFile()) {
      const kind = status.isSymbolicLink() ? "a link to a file that does not exist" : "not a file";
      throw unusable(path, place === real ? `it is ${kind}` : `${place} is not a file; remove it`);
    }
    await requireOwn({ path, place, status, users: [user] });
    if (place !== real && hasOtherNames(status))
      throw unusable(path, `${place} ${IS_LINKED}; remove it: rm ${shellWord(place)}`);
  }
}

/** Whether what is written to a file that SQLite works with would change a file of another name. */
export function hasOtherNames({ nlink }: Pick<Stats, "nlink">): boolean {
  return nlink > 1;
}

export const IS_LINKED = "is a second name of another file (a hard link), which would be overwritten";

interface Place {
  /** The path of the journal, for messages. */
  readonly path: string;
  /** The path that is looked at. */
  readonly place: string;
  readonly status: Stats;
  /** The users who may own it, this one first. */
  readonly users: readonly [number, ...number[]];
}

async function requireOwn({ path, place, status, users }: Place): Promise<void> {
  const what = place === path ? "it" : place;
  const [user] = users;
  if (!users.includes(status.uid)) {
    throw unusable(
      path,
      `${what} belongs to another user (${status.uid}; you are ${user}), who can change it. Name a journal in a folder of your own, or, if you trust its content, make it yours: chown ${user} ${shellWord(place)}`,
    );
  }
  const folder = status.isDirectory() ? place : dirname(place);
  if (!(await mayOthersWrite(status)) || !(await keepsRights(folder))) return;
  throw unusable(
    path,
    `other users may write to ${what} (mode ${(status.mode & 0o7777).toString(8)}). Name a journal in a folder of your own, or, if you trust its content, take that right from them: chmod go-w ${shellWord(place)}`,
  );
}

async function mayOthersWrite(status: Stats): Promise<boolean> {
  const { mode, gid } = status;
  // In such a folder others may not touch the files of the user.
  if (status.isDirectory() && (mode & STICKY) !== 0) return false;
  if ((mode & 0o002) !== 0) return true;
  return (mode & 0o020) !== 0 && !(await isPrivateGroup(gid));
}

/** Whether nobody but the user is in a group: many Linux systems give each user such a group, and a umask of 002. */
async function isPrivateGroup(group: number): Promise<boolean> {
  const { gid, uid, username } = userInfo();
  if (gid !== group) return false;
  const groups = await readFile("/etc/group", "utf8").catch(() => "");
  const line = groups.split("\n").find((each) => each.split(":")[2] === `${group}`);
  // Where a server on the network knows the groups, equal numbers are the sign of such a group.
  if (line === undefined) return gid === uid;
  const [name, , , members = ""] = line.split(":");
  return name === username && members.split(",").every((member) => member === "" || member === username);
}

/** Whether a drive keeps rights: those of FAT, and of Windows seen from Linux, show everything as open to all. */
async function keepsRights(folder: string): Promise<boolean> {
  const probe = join(folder, `.parrot-${randomBytes(8).toString("hex")}`);
  try {
    const handle = await open(probe, "wx", 0o600);
    try {
      return ((await handle.stat()).mode & 0o077) === 0;
    } finally {
      await handle.close();
      await rm(probe, { force: true });
    }
  } catch {
    return true;
  }
}
