import { randomBytes } from "node:crypto";
import { lstat, mkdir, open, readdir, rename, rm, rmdir } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { ParrotError } from "@parallel-parrot/core";
import { syncName } from "../sink/give-name.ts";
import { asUnwritable, outputExists, partialExists, unwritable, withRemains } from "../sink/output-errors.ts";
import { syncFile } from "../sink/sync-file.ts";
import { codeOf, ignoreMissing } from "../system-error.ts";

/** The folder of the shards in that of a dataset. */
export const DATA = "data";
export const CARD = "README.md";

/** What a folder of a dataset has in it. */
const SHARD = /^\w+-\d{5,}-of-\d{5,}\.parquet$/;
/** What one has in it that was not completed. */
const GROWING = /^\.?\w+-\d{5,}(?:\.partial|-of-\d{5,})?\.parquet(?:\.[0-9a-f]+\.tmp)?$/;

/** Where a dataset grows, and what it is called in the end. */
export interface DatasetPlace {
  readonly folder: string;
  readonly overwrite: boolean;
  /** Folder in which it grows. @default a hidden one beside it, which an abort removes */
  readonly partial: string | undefined;
  readonly replacePartial: boolean;
}

/** A folder that grows under another name. */
export class DatasetFolder {
  /** Where it grows. */
  readonly path: string;
  readonly #place: DatasetPlace;
  #isFinished = false;

  private constructor(place: DatasetPlace, path: string) {
    this.#place = place;
    this.path = path;
  }

  /** Makes the folder; finds at once what stands in the way of its name. */
  static async open(place: DatasetPlace): Promise<DatasetFolder> {
    const { folder, partial, overwrite, replacePartial } = place;
    try {
      await requireReplaceable(folder, overwrite);
      const path = partial ?? hiddenName(folder, "tmp");
      if (partial !== undefined) await clearPartial(partial, folder, replacePartial);
      await mkdir(path);
      await mkdir(join(path, DATA));
      return new DatasetFolder(place, path);
    } catch (error) {
      throw codeOf(error) === "ENOENT"
        ? unwritable(folder, `the directory ${dirname(resolve(folder))} does not exist`)
        : asUnwritable(folder, error);
    }
  }

  /** Whether an abort leaves what was written. */
  get stays(): boolean {
    return this.#place.partial !== undefined;
  }

  get dataPath(): string {
    return join(this.path, DATA);
  }

  /** Writes the file that says what is in the folder. */
  async writeCard(text: string): Promise<void> {
    try {
      const handle = await open(join(this.path, CARD), "wx");
      try {
        await handle.writeFile(text);
        await syncFile(handle);
      } finally {
        await handle.close();
      }
    } catch (error) {
      throw unwritable(this.#place.folder, error);
    }
  }

  /** Gives the folder its name, in one step. What has that name now goes. */
  async commit(): Promise<void> {
    const { folder, overwrite } = this.#place;
    const [from, to] = [this.path, resolve(folder)];
    this.#isFinished = true;
    try {
      await syncName(join(this.dataPath, "x"));
      await syncName(join(from, "x"));
      await requireReplaceable(folder, overwrite);
      // An empty folder is in the way on some systems.
      await rmdir(to).catch(() => undefined);
      const earlier = hiddenName(folder, "earlier");
      const isReplaced = (await rename(to, earlier).then(() => true, ignoreMissing)) === true;
      try {
        await rename(from, to);
      } catch (error) {
        if (isReplaced) await rename(earlier, to);
        throw error;
      }
      await syncName(to);
      if (isReplaced) await rm(earlier, { recursive: true });
    } catch (error) {
      throw withRemains(asUnwritable(folder, error), `the finished dataset is in ${from}`);
    }
  }

  /** Removes the folder, unless it is finished, or it stays and has shards with rows. */
  async clear(): Promise<void> {
    if (this.#isFinished) return;
    const shards = this.stays ? await readdir(this.dataPath) : [];
    if (shards.length === 0) await rm(this.path, { recursive: true, force: true });
  }
}

/** A name beside a folder that nobody else takes. */
function hiddenName(folder: string, ending: string): string {
  const path = resolve(folder);
  return join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}.${ending}`);
}

/**
 * A folder is replaced whole, so it must hold a dataset and nothing else: somebody's notes, or the `.git` of a clone,
 * would be lost.
 */
async function requireReplaceable(folder: string, overwrite: boolean): Promise<void> {
  const status = await lstat(folder).catch(ignoreMissing);
  if (status === undefined) return;
  if (status.isSymbolicLink()) throw isOther(folder, "it is a link; name the folder that it leads to");
  if (!status.isDirectory()) throw isOther(folder, "it is a file, and a dataset is a folder");
  const entries = await readdir(folder);
  if (entries.length === 0) return;
  if (!overwrite) throw outputExists(folder);
  const other = await otherThan(folder, SHARD);
  if (other !== undefined)
    throw isOther(
      folder,
      `${other} is in it, which is no part of a dataset and would be lost; move it away, or name another folder`,
    );
}

async function clearPartial(partial: string, folder: string, replace: boolean): Promise<void> {
  if (resolve(partial) === resolve(folder))
    throw invalidPartial(partial, "it is the same folder as the dataset");
  if (dirname(resolve(partial)) !== dirname(resolve(folder)))
    throw invalidPartial(
      partial,
      `it must be in the same folder as ${folder}, as it is renamed to that at the end`,
    );
  const status = await lstat(partial).catch(ignoreMissing);
  if (status === undefined) return;
  if (!replace) throw partialExists(partial);
  if (status.isSymbolicLink() || !status.isDirectory()) throw unwritable(partial, "it is not a folder");
  const other = await otherThan(partial, GROWING);
  if (other !== undefined) throw unwritable(partial, `${other} is in it, which no dataset has; move it away`);
  await rm(partial, { recursive: true });
}

/** The path of something in a folder that is not of a dataset. */
async function otherThan(folder: string, shard: RegExp): Promise<string | undefined> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const isOurs = entry.name === CARD ? entry.isFile() : entry.name === DATA && entry.isDirectory();
    if (!isOurs) return join(folder, entry.name);
  }
  const data = join(folder, DATA);
  const shards = await readdir(data, { withFileTypes: true }).catch(ignoreMissing);
  const other = shards?.find((entry) => !entry.isFile() || !shard.test(entry.name));
  return other === undefined ? undefined : join(data, other.name);
}

function isOther(folder: string, why: string): ParrotError {
  return new ParrotError("OUTPUT_EXISTS", `Cannot write ${folder}: ${why}`, { file: folder });
}

function invalidPartial(path: string, problem: string): ParrotError {
  return new ParrotError("INVALID_OPTION", `Cannot use ${path} as the partial folder: ${problem}`, {
    file: path,
    option: "partial",
  });
}
