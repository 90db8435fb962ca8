import { open, type FileHandle } from "node:fs/promises";
import { ParrotError } from "@parallel-parrot/core";
import type { ByteReader } from "./byte-reader.ts";
import type { InputName } from "./input-name.ts";
import { codeOf } from "../system-error.ts";

const CHUNK_BYTES = 64 * 1024;

const PROBLEMS: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  ["EACCES", "permission denied"],
  ["EISDIR", "it is a directory"],
]);

/** A reader of a file, opened by the first read. */
export function fileReader(path: string, name: InputName): ByteReader {
  let opening: Promise<FileHandle> | undefined;
  let ended = false;
  return {
    async read() {
      if (ended) return undefined;
      try {
        opening ??= open(path);
        const handle = await opening;
        // A chunk of its own each time: the parser keeps views of it. By name: in the file system that Yarn's
        // Plug'n'Play puts before Node's, a buffer that is given alone takes no byte, and every file is empty.
        const { bytesRead, buffer } = await handle.read({ buffer: Buffer.allocUnsafeSlow(CHUNK_BYTES) });
        return bytesRead === 0 ? undefined : buffer.subarray(0, bytesRead);
      } catch (error) {
        throw unreadable(name, error);
      }
    },
    async cancel() {
      ended = true;
      // Waits for an opening in progress, or its descriptor would stay.
      const handle = await opening?.catch(() => undefined);
      await handle?.close();
    },
  };
}

/** The error of a file that cannot be opened or read. */
export function unreadable({ label, position }: InputName, cause: unknown): ParrotError {
  const code = codeOf(cause);
  if (code === "ENOENT" || code === "ENOTDIR") {
    return new ParrotError("INPUT_NOT_FOUND", `Cannot read ${label}: there is no such file`, {
      ...position,
      cause,
    });
  }
  const problem = PROBLEMS.get(code) ?? (cause instanceof Error ? cause.message : String(cause));
  return new ParrotError("INPUT_UNREADABLE", `Cannot read ${label}: ${problem}`, { ...position, cause });
}
