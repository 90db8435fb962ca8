import { openDestination, type Destination } from "../sink/destination.ts";
import { pieceOutput, type PieceOutput } from "../sink/piece-output.ts";

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
  let pieces: PieceOutput | undefined;
  let count = 0;

  async function endLast(): Promise<void> {
    await pieces?.flush();
    await files.at(-1)?.close();
    pieces = undefined;
  }

  async function abort(reason: unknown): Promise<void> {
    for (const file of files) await file.abort(reason).catch(() => undefined);
  }

  return {
    async next(path) {
      await endLast();
      const destination = await openDestination(path, { overwrite });
      files.push(destination);
      pieces = pieceOutput(destination);
    },
    async write(text) {
      count += 1;
      await pieces?.write(text, count);
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
