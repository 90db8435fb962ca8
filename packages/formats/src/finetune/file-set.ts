import { openDestination, type Destination } from "../sink/destination.ts";
import { pieceOutput, type PieceOutput } from "../sink/piece-output.ts";

/** Text files that appear together, in lanes: in each lane one is written after the other. */
export interface FileSet {
  /** Ends the last file of a lane and opens the next. */
  next(lane: string, path: string): Promise<void>;
  /** Adds to the file of a lane that was opened last. */
  write(lane: string, text: string): Promise<void>;
  /** Ends the last files and gives all of them their names. */
  commit(): Promise<void>;
  abort(reason: unknown): Promise<void>;
}

/** A file that is being written. */
interface OpenFile {
  readonly destination: Destination;
  readonly pieces: PieceOutput;
}

export function fileSet(overwrite: boolean): FileSet {
  const files: Destination[] = [];
  const open = new Map<string, OpenFile>();
  let count = 0;

  async function endLast(lane: string): Promise<void> {
    const last = open.get(lane);
    open.delete(lane);
    await last?.pieces.flush();
    await last?.destination.close();
  }

  async function abort(reason: unknown): Promise<void> {
    for (const file of files) await file.abort(reason).catch(() => undefined);
  }

  return {
    async next(lane, path) {
      await endLast(lane);
      const destination = await openDestination(path, { overwrite });
      files.push(destination);
      open.set(lane, { destination, pieces: pieceOutput(destination) });
    },
    async write(lane, text) {
      count += 1;
      await open.get(lane)?.pieces.write(text, count);
    },
    async commit() {
      try {
        for (const lane of open.keys()) await endLast(lane);
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
