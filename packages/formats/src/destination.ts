import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { isParrotError } from "@parallel-parrot/core";
import { byteReader } from "./byte-reader.ts";
import { outputExists, stdoutOutput, streamOutput, type ByteOutput } from "./byte-output.ts";
import { compressed } from "./compressed.ts";
import { compressionOf, type Compression } from "./format-of.ts";
import { openOutputFile } from "./output-file.ts";

/** What a sink writes: a path or file URL, `"-"` for standard output, or a stream of bytes. */
export type OutputTarget = string | URL | WritableStream<Uint8Array>;

/** A second pass over what was written. */
export type Revise = (chunks: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;

/** How to open a destination. */
export interface DestinationOptions {
  readonly compression?: Compression;
  readonly overwrite?: boolean;
}

/** Where the uncompressed bytes of a sink go. */
export interface Destination extends ByteOutput {
  /** Replaces what was written by a revision of it, after `close`; absent where the bytes are gone by then. */
  readonly revise?: (revise: Revise) => Promise<void>;
  /** Gives a closed file its name, or another; nothing for a stream. */
  commit(otherName?: string): Promise<void>;
}

/** Opens a destination; finds at once what stands in the way. */
export async function openDestination(
  target: OutputTarget,
  options: DestinationOptions,
): Promise<Destination> {
  const path = target instanceof URL ? fileURLToPath(target) : target;
  const compression = options.compression ?? (typeof path === "string" ? compressionOf(path) : "none");
  if (typeof path === "string" && path !== "-") {
    return await openFileDestination(path, options.overwrite ?? false, compression);
  }
  const output = typeof path === "string" ? stdoutOutput() : streamOutput(path);
  return { ...compressed(output, compression), commit: () => Promise.resolve() };
}

async function openFileDestination(
  path: string,
  overwrite: boolean,
  compression: Compression,
): Promise<Destination> {
  let file = await openOutputFile(path, overwrite);
  let output = compressed(file, compression);
  let isKept = false;

  async function reviseFrom(draftPath: string, revise: Revise): Promise<void> {
    try {
      file = await openOutputFile(path, overwrite);
      output = compressed(file, compression);
      for await (const chunk of revise(readChunks(draftPath, compression))) await output.write(chunk);
      await output.close();
    } catch (error) {
      // The name was taken meanwhile: the rows stay where they are, and the error says where.
      if (isParrotError(error) && error.code === "OUTPUT_EXISTS") {
        isKept = true;
        throw outputExists(path, draftPath);
      }
      await rm(draftPath, { force: true });
      throw error;
    }
    await rm(draftPath, { force: true });
  }

  const draftPath = file.temporaryPath;
  return {
    write: (bytes) => output.write(bytes),
    close: () => output.close(),
    abort: async (reason) => {
      if (!isKept) await output.abort(reason);
    },
    commit: (otherName) => file.commit(otherName),
    ...(draftPath === undefined ? {} : { revise: (revise: Revise) => reviseFrom(draftPath, revise) }),
  };
}

async function* readChunks(path: string, compression: Compression): AsyncGenerator<Uint8Array> {
  const reader = byteReader(path, compression);
  try {
    for (let chunk = await reader.read(); chunk !== undefined; chunk = await reader.read()) yield chunk;
  } finally {
    await reader.cancel(undefined);
  }
}
