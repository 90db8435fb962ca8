import { isParrotError, messageOf, quoteAll } from "@parallel-parrot/core";
import type { InputDigest } from "../../source/input-digest.ts";
import { emptyInput, invalidInput, type InputName } from "../../source/input-name.ts";
import { RandomAccessFile } from "../../source/random-access-file.ts";
import { readSharedTexts } from "./shared-texts.ts";
import { SheetParser, type StoredRow } from "./sheet-parser.ts";
import { readWorkbook, type SheetPart, type Workbook } from "./workbook.ts";
import { ZipArchive } from "./zip-archive.ts";

/** The bytes with which files of Excel before 2007 begin, and those that are protected by a password. */
const OLE_MARK = "d0cf11e0a1b11ae1";
/** What a file that is protected by a password calls its content. */
const ENCRYPTED = Buffer.from("EncryptedPackage", "utf16le");
/** The list of what is in such a file is mostly near its beginning or its end. */
const SEARCHED_BYTES: number = 4 * 2 ** 20;

/** Of sheets that are not asked for: their rows begin within some hundred bytes, unless the workbook means no good. */
const LOOKED_AT_BYTES: number = 64 * 2 ** 20;

/** A workbook in a file. */
export class XlsxFile {
  readonly workbook: Workbook;
  readonly #file: RandomAccessFile;
  readonly #archive: ZipArchive;

  private constructor(file: RandomAccessFile, archive: ZipArchive, workbook: Workbook) {
    this.workbook = workbook;
    this.#file = file;
    this.#archive = archive;
  }

  static async open(path: string, name: InputName): Promise<XlsxFile> {
    const file = await RandomAccessFile.open(path, name, "Excel");
    try {
      await requireZip(file);
      const archive = await ZipArchive.open(file);
      return new XlsxFile(file, archive, await readWorkbook(archive));
    } catch (error) {
      await file.close();
      throw damaged(name, error);
    }
  }

  /** The texts that cells of all sheets share. */
  async sharedTexts(maxTextBytes: number): Promise<readonly string[]> {
    const { sharedTexts: part } = this.workbook;
    if (part === undefined || !this.#archive.has(part)) return [];
    const bytes = this.#archive.sizeOf(part);
    return readSharedTexts(this.#archive.chunks(part), { bytes, maxTextBytes });
  }

  /** The rows of a sheet that have cells, some at a time. */
  async *rows(
    { part }: SheetPart,
    parser: SheetParser,
  ): AsyncGenerator<readonly StoredRow[], void, undefined> {
    for await (const chunk of this.#archive.chunks(part)) {
      const rows = parser.write(chunk);
      if (rows.length > 0) yield rows;
    }
    parser.end();
  }

  /** The names of those sheets that have a row with cells; of large ones, only the first are looked at. */
  async withRows(sheets: readonly SheetPart[], maxRowBytes: number): Promise<readonly string[]> {
    const names: string[] = [];
    // A workbook can call one part a sheet again and again.
    const parts = new Map(sheets.toReversed().map(({ part, name }) => [part, name]));
    let left = LOOKED_AT_BYTES;
    for (const [part, name] of [...parts].toReversed()) {
      const parser = new SheetParser(maxRowBytes);
      try {
        for await (const chunk of this.#archive.chunks(part)) {
          left -= chunk.length;
          if (parser.write(chunk).length > 0) {
            names.push(name);
            break;
          }
          if (left <= 0) return names;
        }
      } catch {
        // A sheet that cannot be read has no rows to offer.
      }
    }
    return names;
  }

  requireUnchanged(): Promise<void> {
    return this.#file.requireUnchanged();
  }

  digest(): Promise<InputDigest> {
    return this.#file.digest();
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

/** @throws ParrotError that says what to do with a file that Excel opens, and that is not of its present kind */
async function requireZip(file: RandomAccessFile): Promise<void> {
  const { name, size } = file;
  const mark = Buffer.from(await file.read(0, Math.min(8, size))).toString("hex");
  if (mark.startsWith("504b")) return;
  if (!OLE_MARK.startsWith(mark) || mark.length < OLE_MARK.length)
    throw invalidInput(
      name,
      {},
      "it is not an Excel file, which begins with PK; set the option format to what it is",
      { option: "format" },
    );
  const ends = [0, Math.max(size - SEARCHED_BYTES, 0)];
  const pieces = await Promise.all(ends.map((at) => file.read(at, Math.min(SEARCHED_BYTES, size - at))));
  const isEncrypted = pieces.some((piece) => Buffer.from(piece).includes(ENCRYPTED));
  throw invalidInput(
    name,
    {},
    isEncrypted
      ? "it is protected by a password; open it in Excel and save it without one"
      : "it is an Excel file of before 2007 (.xls); open it in Excel and save it as .xlsx",
  );
}

/** The error of a file that cannot be read as a workbook. */
export function damaged(name: InputName, error: unknown, sheet?: string): Error {
  if (isParrotError(error)) return error;
  const where = sheet === undefined ? "" : `sheet "${sheet}" cannot be read: `;
  return invalidInput(name, {}, `${where}${messageOf(error)}`, { cause: error });
}

/** The error of a sheet without a single cell. */
export function emptySheet(name: InputName, sheet: string, filled: readonly string[]): Error {
  if (filled.length === 0) return emptyInput(name);
  return invalidInput(
    name,
    {},
    `its sheet "${sheet}" is empty; name one with rows in the option "sheet": ${quoteAll(filled)}`,
    {
      option: "sheet",
    },
  );
}
