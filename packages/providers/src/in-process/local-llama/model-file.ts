import { createHash } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { basename, resolve } from "node:path";
import { messageOf, ParrotError } from "@parallel-parrot/core";

/** A file with a model in it. */
export interface ModelFile {
  readonly path: string;
  /** The name without its folder. */
  readonly name: string;
  /** Tells the model from others, wherever its file lies. */
  readonly fingerprint: string;
}

const SAMPLES = 64;
const SAMPLE_BYTES = 2 ** 14;

/**
 * Looks into a file of the form GGUF. A model may have a hundred gigabytes, so its fingerprint is made of the size and
 * of 64 samples of 16 KiB, from the first to the last byte.
 *
 * @throws ParrotError `INVALID_OPTION` where the file is not there, or is none of that form
 */
export function inspectModelFile(model: string): ModelFile {
  const path = resolve(model);
  try {
    return { path, name: basename(path), fingerprint: fingerprintOf(path) };
  } catch (cause) {
    throw new ParrotError("INVALID_OPTION", `Cannot use ${model} as a model: ${problemOf(cause)}`, {
      cause,
      file: model,
      option: "model",
    });
  }
}

function problemOf(cause: unknown): string {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code === "ENOENT") return "there is no such file; give the path of a file that ends in .gguf";
  return messageOf(cause);
}

/** What the numbers in the head of a model may be: 400 billion parameters have some thousand tensors. */
const MOST_ENTRIES = 2n ** 24n;

/** The reader of node-llama-cpp takes all memory where the numbers in the head are wrong, so they are looked at here. */
function checkHead(head: Buffer): void {
  if (head.toString("latin1", 0, 4) !== "GGUF")
    throw new Error("it is not a GGUF file, which is the form that llama.cpp reads");
  const isWhole =
    head.length >= 24 &&
    [2, 3].includes(head.readUInt32LE(4)) &&
    head.readBigUInt64LE(8) < MOST_ENTRIES &&
    head.readBigUInt64LE(16) < MOST_ENTRIES;
  if (!isWhole) throw new Error("it begins as a GGUF file, and its head is damaged or of an unknown version");
}

function fingerprintOf(path: string): string {
  // A pipe must not be waited for.
  const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const status = fstatSync(file);
    if (!status.isFile()) throw new Error("it is not a file");
    const { size } = status;
    const hash = createHash("sha256").update(String(size));
    const sample = Buffer.alloc(SAMPLE_BYTES);
    const last = Math.max(0, size - SAMPLE_BYTES);
    for (let number = 0; number < SAMPLES; number += 1) {
      const start = Math.floor((last * number) / (SAMPLES - 1));
      const bytes = readSync(file, sample, 0, SAMPLE_BYTES, start);
      if (number === 0) checkHead(sample.subarray(0, bytes));
      hash.update(sample.subarray(0, bytes));
    }
    return hash.digest("base64url").slice(0, 22);
  } finally {
    closeSync(file);
  }
}
