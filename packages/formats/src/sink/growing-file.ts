import type { BigIntStats } from "node:fs";
import { lstat, open, rename, rm, type FileHandle } from "node:fs/promises";
import type { ByteOutput } from "./byte-output.ts";
import { dropName, giveName, syncName } from "./give-name.ts";
import { asUnwritable, unwritable } from "./output-errors.ts";
import { syncFile } from "./sync-file.ts";
import { ignoreMissing } from "../system-error.ts";
import { writeAll } from "./write-all.ts";

/** How to open a {@linkcode GrowingFile}. */
export interface GrowingFileOptions {
  /** What errors call it. */
  readonly name: string;
  /** Where it grows. */
  readonly path: string;
  /** What it is called when it is whole. */
  readonly target: string;
  /** Whether it may replace what has that name. */
  readonly overwrite: boolean;
  /** Rights of the finished file. @default those that any new file gets */
  readonly mode: number | undefined;
  /** Whether an abort leaves what was written. */
  readonly stays: boolean;
}

/** Where a revision is written; until it is complete, the rows are in the file itself. */
export function revisionOf(path: string): string {
  return `${path}.revision`;
}

/** A file that grows at one path and gets its name when it is whole. Until it is closed, only its owner may read it. */
export class GrowingFile implements ByteOutput {
  readonly path: string;
  readonly #options: GrowingFileOptions;
  readonly #handle: FileHandle;
  readonly #mode: number;
  readonly #status: BigIntStats;
  #size = 0;
  /** Whether the file may have bytes beyond `#size`. */
  #isTorn = false;
  /** What an abort removes. */
  #disposable: string | undefined;

  private constructor(options: GrowingFileOptions, handle: FileHandle, status: BigIntStats) {
    this.path = options.path;
    this.#disposable = options.path;
    this.#options = options;
    this.#handle = handle;
    this.#mode = options.mode ?? Number(status.mode) & 0o777;
    this.#status = status;
  }

  /** Makes the file; where its path is taken, by a link as well, it rejects with `EEXIST`. */
  static async open(options: GrowingFileOptions): Promise<GrowingFile> {
    // With the umask, 666 becomes the rights of any new file.
    const handle = await open(options.path, "wx", options.mode === undefined ? 0o666 : 0o600);
    try {
      const file = new GrowingFile(options, handle, await handle.stat({ bigint: true }));
      await changeMode(handle, 0o600);
      return file;
    } catch (error) {
      await handle.close().catch(ignore);
      await rm(options.path, { force: true }).catch(ignore);
      throw error;
    }
  }

  /** Whether an abort leaves what was written. */
  get stays(): boolean {
    return this.#options.stays;
  }

  /** Path of what an abort leaves; `undefined` for nothing. */
  get remains(): string | undefined {
    return this.stays && this.#size > 0 && this.#disposable === this.path ? this.path : undefined;
  }

  /** Writes all of the bytes or, when it rejects, none: what follows them may still be written. */
  async write(bytes: Uint8Array): Promise<void> {
    try {
      if (this.#isTorn) throw new Error("it may end in the middle of a row, as writing failed");
      await writeAll(this.#handle, bytes, this.#size);
    } catch (error) {
      await this.#handle.truncate(this.#size).catch(() => {
        this.#isTorn = true;
      });
      throw unwritable(this.#options.name, error);
    }
    this.#size += bytes.length;
  }

  async close(): Promise<void> {
    try {
      await changeMode(this.#handle, this.#mode);
      await syncFile(this.#handle);
      if (await this.#isTaken()) {
        this.#disposable = undefined;
        throw unwritable(this.#options.name, `${this.path} was removed or replaced, perhaps by another run`);
      }
      await this.#handle.close();
    } catch (error) {
      throw asUnwritable(this.#options.name, error);
    }
  }

  /** Removes the file, its name included if it has that already. A file that a failed commit names stays. */
  async abort(): Promise<void> {
    if (await this.#isTaken().catch(() => false)) this.#disposable = undefined;
    await this.#handle.close().catch(ignore);
    if (this.#disposable === undefined || this.remains !== undefined) return;
    await rm(this.#disposable, { force: true });
  }

  /**
   * Whether the path no longer leads to this file: another process may have put one of its own there, and that
   * is half of something. Asked while the file is open, as some drives number a file anew afterwards.
   */
  async #isTaken(): Promise<boolean> {
    if (this.#handle.fd < 0) return false;
    const status = await lstat(this.path, { bigint: true }).catch(ignoreMissing);
    return status?.ino !== this.#status.ino || status.dev !== this.#status.dev;
  }

  /** A second file, for what shall take the place of this one. A killed process may leave it; it is made anew. */
  async openRevision(): Promise<GrowingFile> {
    const path = revisionOf(this.path);
    await rm(path, { force: true });
    return GrowingFile.open({ ...this.#options, path, mode: this.#mode, stays: false });
  }

  /** Puts a closed revision in the place of this closed file. */
  async replaceBy(revision: GrowingFile): Promise<void> {
    await rename(revision.path, this.path);
  }

  /** Gives the closed file its name. Where that fails, the file stays at its path. */
  async commit(): Promise<void> {
    const { path, target, overwrite } = this.#options;
    this.#disposable = undefined;
    const isLinked = await giveName(path, target, overwrite);
    this.#disposable = target;
    if (isLinked) await dropName(path, target);
    await syncName(target);
  }
}

async function changeMode(handle: FileHandle, mode: number): Promise<void> {
  // Some mounted drives have no rights.
  await handle.chmod(mode).catch(ignore);
}

function ignore(): void {}
