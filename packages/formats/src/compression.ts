import { fileNameOf } from "./source/remote/remote-address.ts";

/** How the bytes of a file are compressed. */
export type Compression = "none" | "gzip" | "zstd";

/** The compression by a name's last extension: `.gz` or `.zst`, otherwise none. */
export function compressionOf(name: string): Compression {
  const path = fileNameOf(name);
  if (/\.gz$/i.test(path)) return "gzip";
  return /\.zst$/i.test(path) ? "zstd" : "none";
}

/** The extension of a file name, with that of its compression: `.jsonl.gz` of `rows.jsonl.gz`. Empty where there is none. */
export function extensionOf(name: string): string {
  return /\.[^./\\]+(?:\.(?:gz|zst))?$/i.exec(fileNameOf(name))?.[0] ?? "";
}
