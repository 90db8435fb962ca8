import { ParrotError } from "@parallel-parrot/core";

/** The formats that rows are read from and written to. */
export type Format = "csv" | "tsv" | "jsonl" | "json";

/** How the bytes of a file are compressed. */
export type Compression = "none" | "gzip" | "zstd";

/** What a file name says about the file. */
export interface FileFormat {
  readonly format: Format;
  readonly compression: Compression;
}

const FORMATS: readonly Format[] = ["csv", "tsv", "jsonl", "json"];

const EXTENSIONS: ReadonlyMap<string, Format> = new Map<string, Format>([
  ...FORMATS.map((format) => [format, format] as const),
  ["ndjson", "jsonl"],
]);

/** The compression by a name's last extension: `.gz` or `.zst`, otherwise none. */
export function compressionOf(path: string): Compression {
  if (/\.gz$/i.test(path)) return "gzip";
  return /\.zst$/i.test(path) ? "zstd" : "none";
}

/**
 * The format by file name extension: `.csv`, `.tsv`, `.jsonl`, `.ndjson` or `.json`, each optionally followed
 * by `.gz` or `.zst`. Throws `UNKNOWN_FORMAT` for any other name, and for `-`.
 */
export function formatOf(path: string): FileFormat {
  return { format: chooseFormat(undefined, path), compression: compressionOf(path) };
}

/** The format asked for, or else the path's. */
export function chooseFormat(asked: string | undefined, path: string | undefined): Format {
  const isFile = path !== undefined && path !== "-";
  const extension = /\.([^./\\]+?)(?:\.(?:gz|zst))?$/i.exec(path ?? "")?.[1]?.toLowerCase() ?? "";
  const format = asked === undefined ? EXTENSIONS.get(extension) : FORMATS.find((known) => known === asked);
  if (format !== undefined) return format;
  const known = [...EXTENSIONS.keys()].map((name) => `.${name}`).join(", ");
  throw new ParrotError(
    "UNKNOWN_FORMAT",
    asked === undefined
      ? `Cannot tell the format of ${isFile ? path : "a stream"}: known extensions are ${known}, each optionally ` +
          `followed by .gz or .zst; name the format in the option "format": ${FORMATS.join(", ")}`
      : `Cannot use the format "${asked}" of the option "format"; known are ${FORMATS.join(", ")}`,
    { option: "format", ...(isFile ? { file: path } : {}) },
  );
}
