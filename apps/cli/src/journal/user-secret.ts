import { randomBytes } from "node:crypto";
import { constants, fsync } from "node:fs";
import { link, mkdir, open, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { promisify } from "node:util";
import { counted, ParrotError, shellWord } from "@parallel-parrot/core";

/** The secret that a user signs with. */
export interface UserSecret {
  readonly secret: Uint8Array;
  /** Why the secret could not be kept and ends with this process; `undefined` where it is kept. */
  readonly problem: string | undefined;
}

const SECRET_BYTES = 32;

/**
 * The secret that this user's runs are signed with. The first run makes it, in a file outside of any project. Where
 * no such file can be made, the secret is one of this process alone.
 *
 * @throws ParrotError `JOURNAL_UNUSABLE` where the file is somebody else's, others may read it, or it is damaged
 */
export async function userSecret(): Promise<UserSecret> {
  const folder = stateFolder();
  try {
    if (folder === undefined) throw new Error("there is no home folder");
    const path = join(folder, "secret");
    return { secret: (await readSecret(path)) ?? (await makeSecret(path)), problem: undefined };
  } catch (error) {
    if (error instanceof ParrotError) throw error;
    return {
      secret: randomBytes(SECRET_BYTES),
      problem: error instanceof Error ? error.message : String(error),
    };
  }
}

/** The folder where programs keep what belongs to one user on one machine. */
function stateFolder(): string | undefined {
  const { LOCALAPPDATA, XDG_STATE_HOME } = process.env;
  const named = process.platform === "win32" ? LOCALAPPDATA : XDG_STATE_HOME;
  if (named !== undefined && isAbsolute(named)) return join(named, "parallel-parrot");
  const home = homeFolder();
  return home === undefined ? undefined : join(home, ".local", "state", "parallel-parrot");
}

function homeFolder(): string | undefined {
  try {
    const home = homedir();
    return isAbsolute(home) ? home : undefined;
  } catch {
    return undefined;
  }
}

async function readSecret(path: string): Promise<Uint8Array | undefined> {
  let handle;
  try {
    // A pipe must not be waited for.
    handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw codeOf(error) === "EACCES" ? unusable(path, "it cannot be read", "open") : error;
  }
  try {
    const status = await handle.stat();
    if (!status.isFile()) throw unusable(path, "it is not a file", "remove");
    const { uid, mode } = status;
    const user = process.getuid?.();
    if (user !== undefined && uid !== user) throw unusable(path, "it belongs to another user", "chown");
    if (user !== undefined && (mode & 0o077) !== 0) throw unusable(path, "others may read it", "chmod");
    const secret = await handle.readFile();
    if (secret.length === SECRET_BYTES) return secret;
    throw unusable(path, `it has ${counted(secret.length, "byte")} instead of ${SECRET_BYTES}`, "remove");
  } finally {
    await handle.close();
  }
}

const ADVICE = {
  open: (path: string) =>
    `Make it and its folder yours, for you alone, or move it away: chown ${process.getuid?.() ?? ""} ${shellWord(dirname(path))} ${shellWord(path)}; chmod 700 ${shellWord(dirname(path))}; chmod 600 ${shellWord(path)}`,
  chown: (path: string) =>
    `Make it yours, or move it away: chown ${process.getuid?.() ?? ""} ${shellWord(path)}`,
  chmod: (path: string) =>
    `If nobody has read it: chmod 600 ${shellWord(path)}. Otherwise delete it; each journal then needs --trust-journal once`,
  remove: (path: string) => `Delete it; each journal then needs --trust-journal once: rm ${shellWord(path)}`,
} as const;

function unusable(path: string, problem: string, advice: keyof typeof ADVICE): ParrotError {
  return new ParrotError(
    "JOURNAL_UNUSABLE",
    `Cannot sign the journal with the secret in ${path}: ${problem}. ${ADVICE[advice](path)}`,
    { file: path },
  );
}

/** Makes the file, whole or not at all. Of two processes that do so at once one succeeds, and both use its file. */
async function makeSecret(path: string): Promise<Uint8Array> {
  const folder = dirname(path);
  await requireOwnHome(folder);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomBytes(8).toString("hex")}`;
  const handle = await open(draft, "wx", 0o600);
  try {
    await handle.writeFile(randomBytes(SECRET_BYTES));
    // By the descriptor: the handles of Yarn's Plug'n'Play have no `sync`.
    await promisify(fsync)(handle.fd);
    await link(draft, path).catch((error: unknown) => {
      if (codeOf(error) !== "EEXIST") throw error;
    });
  } finally {
    await handle.close();
    await rm(draft, { force: true });
  }
  const secret = await readSecret(path);
  if (secret === undefined) throw new Error(`${path} is gone`);
  return secret;
}

/** Refuses another user's home, which it is after `sudo`: the owner of that home could not read the secret. */
async function requireOwnHome(folder: string): Promise<void> {
  const status = await stat(folder).catch(() => undefined);
  if (status === undefined) return folder === dirname(folder) ? undefined : requireOwnHome(dirname(folder));
  const user = process.getuid?.();
  if (user !== undefined && status.uid !== user) throw new Error(`${folder} belongs to another user`);
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
