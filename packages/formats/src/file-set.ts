import { rm } from "node:fs/promises";
import { openDestination, type Destination } from "./destination.ts";
import { textOutput, type TextOutput } from "./text-output.ts";

/** Text files written one after the other that appear together. */
export interface FileSet {
  /** Ends the file before and opens the next. */
  next(path: string): Promise<void>;
  /** Adds to the file opened last. */
  write(text: string): Promise<void>;
  /** Ends the last file and gives all of them their names. */
  commit(): Promise<void>;
  abort(reason: unknown): Promise<void>;
}

export function fileSet(overwrite: boolean): FileSet {
  const files: { readonly path: string; readonly destination: Destination }[] = [];
  let text: TextOutput | undefined;

  async function endLast(): Promise<void> {
    await text?.flush();
    await files.at(-1)?.destination.close();
    text = undefined;
  }

  async function abort(reason: unknown, from = 0): Promise<void> {
    for (const { destination } of files.slice(from)) await destination.abort(reason);
  }

  return {
    async next(path) {
      await endLast();
      const destination = await openDestination(path, { overwrite });
      files.push({ path, destination });
      text = textOutput(destination);
    },
    async write(chunk) {
      await text?.write(chunk);
    },
    async commit() {
      try {
        await endLast();
      } catch (error) {
        await abort(error);
        throw error;
      }
      for (const [index, { destination }] of files.entries()) {
        try {
          await destination.commit();
        } catch (error) {
          // Half of a set must not pass for all of it.
          for (const { path } of files.slice(0, index)) await rm(path, { force: true });
          await abort(error, index + 1);
          throw error;
        }
      }
    },
    abort: (reason) => abort(reason),
  };
}
