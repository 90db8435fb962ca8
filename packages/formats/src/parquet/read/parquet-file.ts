import { messageOf } from "@parallel-parrot/core";
import { parquetMetadataAsync, type FileMetaData } from "hyparquet";
import { requireDistinctNames } from "../../columns/distinct-names.ts";
import type { InputDigest } from "../../source/input-digest.ts";
import { invalidInput, type InputName } from "../../source/input-name.ts";
import { RandomAccessFile } from "../../source/random-access-file.ts";
import { isKnownCodec } from "./codecs.ts";
import { columnsOf, type ParquetColumns } from "./parquet-schema.ts";

const MAGIC = "PAR1";
const ENCRYPTED_MAGIC = "PARE";
/** A column that seems to end so far behind the end of its file may still be whole. */
const SLACK_BYTES = 1024 * 1024;

/** A Parquet file and what its footer says. */
export class ParquetFile {
  readonly metadata: FileMetaData;
  readonly schema: ParquetColumns;
  readonly #file: RandomAccessFile;

  private constructor(file: RandomAccessFile, { metadata, schema }: Footer) {
    this.metadata = metadata;
    this.schema = schema;
    this.#file = file;
  }

  /** Opens a file and reads its footer. Finds whatever keeps its rows from being read and can be known from that. */
  static async open(path: string, name: InputName): Promise<ParquetFile> {
    const file = await RandomAccessFile.open(path, name, "Parquet");
    try {
      await requireMarks(file);
      const footer = await readFooter(file);
      requireReadable(footer, file);
      return new ParquetFile(file, footer);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** So many bytes from a place on, in memory of their own. */
  read(start: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    return this.#file.read(start, length);
  }

  /** How many bytes of a column are read at once. */
  get windowBytes(): number {
    return this.#file.windowOf(this.schema.leaves.length);
  }

  /** @throws ParrotError `INVALID_INPUT` where the file is not the one that was opened any more */
  requireUnchanged(): Promise<void> {
    return this.#file.requireUnchanged();
  }

  /** The digest of the whole file, whatever of it was read. */
  digest(): Promise<InputDigest> {
    return this.#file.digest();
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

interface Footer {
  readonly metadata: FileMetaData;
  readonly schema: ParquetColumns;
}

async function requireMarks(file: RandomAccessFile): Promise<void> {
  const { name, size } = file;
  const mark = async (at: number): Promise<string> =>
    Buffer.from(await file.read(at, Math.min(4, size))).toString("latin1");
  const [first, last] = [await mark(0), await mark(Math.max(size - 4, 0))];
  if (first === ENCRYPTED_MAGIC || last === ENCRYPTED_MAGIC) throw encrypted(name);
  if (first !== MAGIC)
    throw invalidInput(
      name,
      {},
      `it is not a Parquet file, which begins with ${MAGIC}; set the option format to what it is`,
      { option: "format" },
    );
  if (last !== MAGIC || size < 12)
    throw invalidInput(name, {}, `it does not end as a Parquet file does; is it cut off?`);
}

function encrypted(name: InputName): Error {
  return invalidInput(name, {}, "it is encrypted; write it without encryption");
}

async function readFooter(file: RandomAccessFile): Promise<Footer> {
  const { name, size } = file;
  const slice = async (start: number, end = size): Promise<ArrayBuffer> =>
    (await file.read(start, end - start)).buffer;
  try {
    const metadata = await parquetMetadataAsync({ byteLength: size, slice }, { geoparquet: false });
    return { metadata, schema: columnsOf(metadata) };
  } catch (cause) {
    throw invalidInput(name, {}, `its footer is damaged (${reasonOf(cause)})`, { cause });
  }
}

function requireReadable({ metadata, schema }: Footer, { name, size }: RandomAccessFile): void {
  requireDistinctNames(
    schema.columns.map(([column]) => column),
    name,
  );
  for (const { columns } of metadata.row_groups) {
    for (const chunk of columns) {
      const { meta_data: data } = chunk;
      if (chunk.crypto_metadata !== undefined || data === undefined) throw encrypted(name);
      const column = data.path_in_schema.join(".");
      if (chunk.file_path !== undefined)
        throw invalidInput(
          name,
          {},
          `the cells of column "${column}" are in another file, ${chunk.file_path}`,
        );
      if (!isKnownCodec(data.codec))
        throw invalidInput(
          name,
          {},
          `column "${column}" is compressed with ${data.codec ?? "an unknown codec"}, which cannot be read; write it with zstd or snappy`,
        );
      if (
        Number(data.data_page_offset) + Number(data.total_compressed_size) > size + SLACK_BYTES ||
        Number(data.data_page_offset) >= size
      )
        throw invalidInput(name, {}, `column "${column}" lies beyond the end of the file; is it cut off?`);
    }
  }
}

/** The message of what the library throws, without its habit of beginning with "parquet". */
export function reasonOf(error: unknown): string {
  return messageOf(error).replace(/^parquet /, "");
}
