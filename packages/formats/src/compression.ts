import { oneOf, ParrotError, type OptionCheck } from "@parallel-parrot/core";
import { fileNameOf } from "./source/remote/remote-address.ts";

/** How the bytes of a file that is read are compressed. */
export type Compression = OutputCompression | "bzip2";

/** How the bytes of a file that is written are compressed. */
export type OutputCompression = "none" | "gzip" | "zstd";

export const aCompression: OptionCheck = oneOf("none", "gzip", "zstd", "bzip2");

export const anOutputCompression: OptionCheck = oneOf("none", "gzip", "zstd");

/** The compression by a name's last extension: `.gz`, `.zst` or `.bz2`, otherwise none. */
export function compressionOf(name: string): Compression {
  const path = fileNameOf(name);
  if (/\.gz$/i.test(path)) return "gzip";
  if (/\.bz2$/i.test(path)) return "bzip2";
  return /\.zst$/i.test(path) ? "zstd" : "none";
}

/** {@linkcode compressionOf} an output. @throws ParrotError `INVALID_OPTION` for one that is read alone */
export function outputCompressionOf(path: string): OutputCompression {
  const compression = compressionOf(path);
  if (compression !== "bzip2") return compression;
  throw new ParrotError(
    "INVALID_OPTION",
    `Cannot write ${path}: bzip2 is read and not written; name an output that ends in .gz or .zst`,
    { option: "output", file: path },
  );
}

/** The extension of a file name, with that of its compression: `.jsonl.gz` of `rows.jsonl.gz`. Empty where there is none. */
export function extensionOf(name: string): string {
  return /\.[^./\\]+(?:\.(?:gz|zst|bz2))?$/i.exec(fileNameOf(name))?.[0] ?? "";
}
