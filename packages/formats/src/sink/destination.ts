import { isParrotError } from "@parallel-parrot/core";
import { filePath } from "../file-path.ts";
import { readInput } from "../source/read-input.ts";
import { stdoutOutput, streamOutput, type ByteOutput } from "./byte-output.ts";
import { compressed } from "./compressed.ts";
import { outputCompressionOf, type OutputCompression } from "../compression.ts";
import { GrowingFile } from "./growing-file.ts";
import { unwritable } from "./output-errors.ts";
import { openOutputFile } from "./output-file.ts";

/** What a sink writes: a path or file URL, `"-"` for standard output, or a stream of bytes. */
export type OutputTarget = string | URL | WritableStream<Uint8Array>;

/** A second pass over what was written. */
export type Revise = (chunks: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;

/** How to open a destination. */
export interface DestinationOptions {
  readonly compression?: OutputCompression;
  readonly overwrite?: boolean;
  readonly partial?: string | URL;
  readonly replacePartial?: boolean;
}

/** Where the uncompressed bytes of a sink go. */
export interface Destination extends ByteOutput {
  /** How long bytes may wait to be written together; absent where nobody reads the output before its end. */
  readonly maxDelayMs?: number;
  /** What only a file can do; absent for a stream. */
  readonly file?: DestinationFile;
}

/** What can be done with a destination that is a file, once it is closed. */
interface DestinationFile {
  /** Where it grows. */
  readonly path: string;
  /** Whether an abort leaves what was written. */
  readonly stays: boolean;
  /** Path of what an abort leaves; `undefined` for nothing. */
  remains(): string | undefined;
  /** Replaces what was written by a revision of it. Where that fails, it stays as it is. */
  revise(revise: Revise): Promise<void>;
  /** Gives the file its name. */
  commit(): Promise<void>;
}

/** Rows of a growing file can be seen after this time. */
const GROWING_DELAY_MS = 1000;

/** Opens a destination; finds at once what stands in the way. */
export async function openDestination(
  target: OutputTarget,
  options: DestinationOptions,
): Promise<Destination> {
  const path = filePath(target);
  const compression = options.compression ?? (typeof path === "string" ? outputCompressionOf(path) : "none");
  if (typeof path !== "string") return streamDestination(streamOutput(path), compression);
  if (path === "-") return streamDestination(stdoutOutput(), compression);
  const { overwrite = false, partial, replacePartial = false } = options;
  const output = await openOutputFile(path, {
    overwrite,
    partial: partial === undefined ? undefined : { path: filePath(partial), replace: replacePartial },
  });
  return output instanceof GrowingFile
    ? fileDestination(path, output, compression)
    : streamDestination(output, compression);
}

function streamDestination(output: ByteOutput, compression: OutputCompression): Destination {
  return { ...compressed(output, compression), maxDelayMs: 0 };
}

function fileDestination(name: string, file: GrowingFile, compression: OutputCompression): Destination {
  const output = compressed(file, compression);
  const isFollowed = file.stays && compression === "none";
  return {
    write: (bytes) => output.write(bytes),
    close: () => output.close(),
    abort: (reason) => output.abort(reason),
    ...(isFollowed ? { maxDelayMs: GROWING_DELAY_MS } : {}),
    file: {
      path: file.path,
      stays: file.stays,
      remains: () => file.remains,
      commit: () => file.commit(),
      async revise(revise) {
        try {
          await writeRevision(file, compression, revise);
        } catch (error) {
          throw isParrotError(error) && error.code === "OUTPUT_UNWRITABLE" ? error : unwritable(name, error);
        }
      },
    },
  };
}

async function writeRevision(
  file: GrowingFile,
  compression: OutputCompression,
  revise: Revise,
): Promise<void> {
  const revision = await file.openRevision();
  const output = compressed(revision, compression);
  try {
    for await (const chunk of revise(readChunks(file.path, compression))) await output.write(chunk);
    await output.close();
    await file.replaceBy(revision);
  } catch (error) {
    await output.abort(error).catch(() => undefined);
    throw error;
  }
}

async function* readChunks(path: string, compression: OutputCompression): AsyncGenerator<Uint8Array> {
  const reader = readInput(path, compression);
  try {
    for (let chunk = await reader.read(); chunk !== undefined; chunk = await reader.read()) yield chunk;
  } finally {
    await reader.cancel(undefined);
  }
}
