import { ParrotError } from "@parallel-parrot/core";
import { compressionOf, extensionOf, type Compression } from "./compression.ts";
import { shownAddress } from "./source/remote/remote-address.ts";
import { FORMATS, type Format } from "./formats.ts";

/** What a file name says about the file. */
export interface FileFormat {
  readonly format: Format;
  readonly compression: Compression;
}

const NAMES: readonly Format[] = Object.keys(FORMATS).filter(isFormat);

const BY_EXTENSION: ReadonlyMap<string, Format> = new Map(
  NAMES.flatMap((format) => FORMATS[format].extensions.map((extension) => [extension, format])),
);

/**
 * The format by file name extension: that of one of the formats, such as `.csv`; behind that of text also `.gz`,
 * `.zst` or `.bz2`. Throws `UNKNOWN_FORMAT` for any other name, and for `-`.
 */
export function formatOf(path: string): FileFormat {
  return { format: chooseFormat(undefined, path), compression: compressionOf(path) };
}

/** Formats that others write, and what to save their files as. */
const SAVED_AS: ReadonlyMap<string, string> = new Map([
  ["xls", "an Excel file of before 2007; open it in Excel and save it as .xlsx"],
  ["xlsb", "a binary workbook of Excel; open it in Excel and save it as .xlsx"],
  ["ods", "a document of OpenOffice; open it there and save it as .xlsx"],
]);

/** The format asked for, or else the path's. */
export function chooseFormat(asked: string | undefined, path: string | undefined): Format {
  const isFile = path !== undefined && path !== "-";
  const format = asked === undefined ? byExtension(path ?? "") : isFormat(asked) ? asked : undefined;
  if (format !== undefined) return format;
  const name = isFile ? shownAddress(path) : "a stream";
  const other = isFile && asked === undefined ? SAVED_AS.get(lastExtension(path)) : undefined;
  if (isFile && other !== undefined)
    throw new ParrotError("UNKNOWN_FORMAT", `Cannot use ${name}: it is ${other}`, {
      option: "format",
      file: name,
    });
  throw new ParrotError(
    "UNKNOWN_FORMAT",
    asked === undefined
      ? `Cannot tell the format of ${name}: known extensions are ${extensionsOf(true)}, each ` +
          `optionally followed by .gz, .zst or .bz2, and ${extensionsOf(false)}; otherwise set the option format to one of ${NAMES.join(", ")}`
      : `Cannot use the option format: there is no format "${asked}", only ${NAMES.join(", ")}`,
    { option: "format", ...(isFile ? { file: name } : {}) },
  );
}

/** The extensions of the formats that are text, or of the others. */
function extensionsOf(isText: boolean): string {
  const formats = NAMES.filter((format) => FORMATS[format].isText === isText);
  return formats
    .flatMap((format) => FORMATS[format].extensions)
    .map((extension) => `.${extension}`)
    .join(", ");
}

/** Whether a file name tells a format. */
export function isKnownName(path: string): boolean {
  return byExtension(path) !== undefined;
}

function byExtension(path: string): Format | undefined {
  const [, extension = ""] = extensionOf(path).toLowerCase().split(".");
  return BY_EXTENSION.get(extension);
}

function lastExtension(path: string): string {
  return extensionOf(path).toLowerCase().slice(1);
}

function isFormat(name: string): name is Format {
  return Object.hasOwn(FORMATS, name);
}
