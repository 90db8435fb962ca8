import { openDestination, type Destination } from "../sink/destination.ts";
import { textOutput, type TextOutput } from "../sink/text-output.ts";

/** Text files written one after the other that appear together. */
export interface FileSet {
  /** Ends the last file and opens the next. */
  next(path: string): Promise<void>;
  /** Adds to the file opened last. */
  write(text: string): Promise<void>;
  /** Ends the last file and gives all of them their names. */
  commit(): Promise<void>;
  abort(reason: unknown): Promise<void>;
}

export function fileSet(overwrite: boolean): FileSet {
  const files: Destination[] = [];
  let text: TextOutput | undefined;

  async function endLast(): Promise<void> {
    await text?.flush();
    await files.at(-1)?.close();
    text = undefined;
  }

  async function abort(reason: unknown): Promise<void> {
    for (const file of files) await file.abort(reason).catch(() => undefined);
  }

  return {
    async next(path) {
      await endLast();
      const destination = await openDestination(path, { overwrite });
      files.push(destination);
      text = textOutput(destination);
    },
    async write(chunk) {
      await text?.write(chunk);
    },
    async commit() {
      try {
        await endLast();
        for (const { file } of files) await file?.commit();
      } catch (error) {
        // A part of the files must not be taken for all of them.
        await abort(error);
        throw error;
      }
    },
    abort,
  };
}
