/** How the bytes of a file are compressed. */
export type Compression = "none" | "gzip" | "zstd";

/** The compression by a name's last extension: `.gz` or `.zst`, otherwise none. */
export function compressionOf(path: string): Compression {
  if (/\.gz$/i.test(path)) return "gzip";
  return /\.zst$/i.test(path) ? "zstd" : "none";
}

/** The extension of a file name, with that of its compression: `.jsonl.gz` of `rows.jsonl.gz`. Empty where there is none. */
export function extensionOf(path: string): string {
  return /\.[^./\\]+(?:\.(?:gz|zst))?$/i.exec(path)?.[0] ?? "";
}
