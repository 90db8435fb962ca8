import { createHash } from "node:crypto";
import { open, type FileHandle } from "node:fs/promises";
import { messageOf } from "@parallel-parrot/core";
import { parquetMetadataAsync, type FileMetaData } from "hyparquet";
import { unreadable } from "../../source/file-reader.ts";
import type { InputDigest } from "../../source/input-digest.ts";
import { emptyInput, invalidInput, type InputName } from "../../source/input-name.ts";
import { isKnownCodec } from "./codecs.ts";
import { columnsOf, type ParquetColumns } from "./parquet-schema.ts";

const MAGIC = "PAR1";
const ENCRYPTED_MAGIC = "PARE";
const CHUNK_BYTES = 1024 * 1024;

/** A Parquet file that is read at any of its places. */
export class ParquetFile {
  readonly name: InputName;
  readonly metadata: FileMetaData;
  readonly schema: ParquetColumns;
  readonly #handle: FileHandle;
  readonly #size: number;
  readonly #state: string;

  private constructor(name: InputName, opened: Opened, { metadata, schema }: Footer) {
    this.name = name;
    this.metadata = metadata;
    this.schema = schema;
    this.#handle = opened.handle;
    this.#size = opened.size;
    this.#state = opened.state;
  }

  /** Opens a file and reads its footer. Finds whatever keeps its rows from being read and can be known from that. */
  static async open(path: string, name: InputName): Promise<ParquetFile> {
    const handle = await open(path).catch((error: unknown) => {
      throw unreadable(name, error);
    });
    try {
      const status = await handle.stat();
      if (status.isDirectory()) throw unreadable(name, Object.assign(new Error(), { code: "EISDIR" }));
      if (!status.isFile()) throw notSeekable(name);
      const opened = { handle, size: status.size, state: stateOf(status) };
      await requireMarks(opened, name);
      const footer = await readFooter(opened, name);
      requireReadable(footer, opened, name);
      return new ParquetFile(name, opened, footer);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** So many bytes from a place on, in memory of their own. */
  async read(start: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    return readAt(this.#handle, start, length);
  }

  /** @throws ParrotError `INVALID_INPUT` where the file is not the one that was opened any more */
  async requireUnchanged(): Promise<void> {
    if (stateOf(await this.#handle.stat()) === this.#state) return;
    throw invalidInput(this.name, {}, "the file was changed while it was read; run it again");
  }

  /** The digest of the whole file, whatever of it was read. */
  async digest(): Promise<InputDigest> {
    const hash = createHash("sha256");
    for (let at = 0; at < this.#size; at += CHUNK_BYTES)
      hash.update(await this.read(at, Math.min(CHUNK_BYTES, this.#size - at)));
    return { bytes: this.#size, sha256: hash.digest("hex") };
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

interface Opened {
  readonly handle: FileHandle;
  readonly size: number;
  readonly state: string;
}

interface Footer {
  readonly metadata: FileMetaData;
  readonly schema: ParquetColumns;
}

/** The error of an input that can only be read from its beginning. */
export function notSeekable(name: InputName): Error {
  return invalidInput(
    name,
    {},
    "Parquet is read from its end, and a stream has none yet; save it as a file and name that",
  );
}

function stateOf(status: { readonly size: number; readonly mtimeMs: number }): string {
  return `${status.size} ${status.mtimeMs}`;
}

async function readAt(handle: FileHandle, start: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, start + filled);
    if (bytesRead === 0) throw new RangeError(`the file ends at byte ${start + filled}`);
    filled += bytesRead;
  }
  return bytes;
}

async function requireMarks({ handle, size }: Opened, name: InputName): Promise<void> {
  if (size === 0) throw emptyInput(name);
  const mark = async (at: number): Promise<string> =>
    Buffer.from(await readAt(handle, at, Math.min(4, size))).toString("latin1");
  const [first, last] = [await mark(0), await mark(Math.max(size - 4, 0))];
  if (first === ENCRYPTED_MAGIC || last === ENCRYPTED_MAGIC) throw encrypted(name);
  if (first !== MAGIC)
    throw invalidInput(
      name,
      {},
      `it is not a Parquet file, which begins with ${MAGIC}; name its format in the option "format"`,
      { option: "format" },
    );
  if (last !== MAGIC || size < 12)
    throw invalidInput(name, {}, `it does not end as a Parquet file does; is it cut off?`);
}

function encrypted(name: InputName): Error {
  return invalidInput(name, {}, "it is encrypted; write it without encryption");
}

async function readFooter({ handle, size }: Opened, name: InputName): Promise<Footer> {
  const slice = async (start: number, end = size): Promise<ArrayBuffer> =>
    (await readAt(handle, start, end - start)).buffer;
  try {
    const metadata = await parquetMetadataAsync({ byteLength: size, slice }, { geoparquet: false });
    return { metadata, schema: columnsOf(metadata) };
  } catch (cause) {
    throw invalidInput(name, {}, `its footer is damaged (${reasonOf(cause)})`, { cause });
  }
}

function requireReadable({ metadata, schema }: Footer, { size }: Opened, name: InputName): void {
  const names = new Set<string>();
  for (const [column] of schema.columns) {
    if (names.has(column))
      throw invalidInput(name, {}, `it has two columns called "${column}"; write it with other names`);
    names.add(column);
  }
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
        Number(data.data_page_offset) + Number(data.total_compressed_size) > size + CHUNK_BYTES ||
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
