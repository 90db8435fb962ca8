import { join } from "node:path";
import { openSink, type OpenSinkOptions } from "../open-sink.ts";
import { addChanges, noChanges, type CellChanges } from "../sink/cell-changes.ts";
import { asUnwritable } from "../sink/output-errors.ts";
import { requireOutputFile } from "../sink/output-file.ts";
import type { OnUnwritable } from "../sink/unwritable-row.ts";
import { Lane, type RoutedRow } from "./lane.ts";
import type { BeforeNaming } from "./naming-gate.ts";
import { makeFolders, removeEmpty } from "./output-folders.ts";
import type { PartFile, Parts } from "./parts-sink.ts";

/** Options of a file in a folder. */
export type FolderFileOptions = Omit<OpenSinkOptions, "overwrite" | "onUnwritable" | "beforeNaming">;

/** How the files of a folder are written, one after the other. */
export interface FileSeriesOptions {
  /** The files in the folder, such as `2024/a.csv`, in the order in which their rows come. */
  readonly files: readonly string[];
  /** The options of a file: asked when it is opened, for its first row. @default none */
  readonly optionsOf?: (file: number) => FolderFileOptions | Promise<FolderFileOptions>;
  /** Whether files that exist are replaced. @default false */
  readonly overwrite?: boolean;
  /** Is told of each row that cannot be written, as that of {@linkcode openSink}. @default the stream fails */
  readonly onUnwritable?: OnUnwritable;
  /**
   * Called with the path of each complete file and the name that it is about to get. Where it rejects, the file does
   * not get it, and the stream fails with that.
   */
  readonly beforeNaming?: BeforeNaming;
}

/** Makes the folders of the files, and refuses what stands in the way of any of them. */
export async function openFileSeries(folder: string, options: FileSeriesOptions): Promise<Parts> {
  const { files, overwrite = false } = options;
  const made = await makeFolders(folder, files);
  try {
    for (const file of files) {
      const path = join(folder, file);
      await requireOutputFile(path, { overwrite }).catch((error: unknown) => {
        throw asUnwritable(path, error);
      });
    }
  } catch (error) {
    await removeEmpty(made);
    throw error;
  }
  return new FileSeries(folder, made, options);
}

/** The files of a folder, of which one is open at a time. */
class FileSeries implements Parts {
  readonly #folder: string;
  /** The folders that were made for the files. */
  readonly #made: readonly string[];
  readonly #options: FileSeriesOptions;
  readonly #places: ReadonlyMap<string, number>;
  readonly #written: PartFile[] = [];
  /** What was changed in files that have ended. */
  readonly #changes = noChanges();
  #open: Lane | undefined;
  /** How many files were opened. */
  #count = 0;

  constructor(folder: string, made: readonly string[], options: FileSeriesOptions) {
    this.#folder = folder;
    this.#made = made;
    this.#options = options;
    this.#places = new Map(options.files.map((file, place) => [file, place]));
  }

  get changes(): Readonly<CellChanges> {
    const sum = { ...this.#changes };
    if (this.#open !== undefined) addChanges(sum, this.#open.sink.changes);
    return sum;
  }

  async write(file: string, rows: readonly RoutedRow[]): Promise<void> {
    const place = this.#places.get(file) ?? 0;
    if (place < this.#count - 1)
      throw new TypeError(`Cannot write a row to ${file}: rows of a later file came before it`);
    while (this.#count <= place) await this.#openNext();
    await this.#open?.write(rows);
  }

  async finish(): Promise<readonly PartFile[]> {
    while (this.#count < this.#options.files.length) await this.#openNext();
    await this.#end();
    return this.#written;
  }

  async abort(reason: unknown): Promise<void> {
    await this.#open?.abort(reason);
    await removeEmpty(this.#made);
  }

  async #openNext(): Promise<void> {
    await this.#end();
    const { optionsOf, overwrite = false, onUnwritable, beforeNaming } = this.#options;
    const file = this.#fileAt(this.#count);
    const path = join(this.#folder, file);
    const options = await optionsOf?.(this.#count);
    this.#open = await Lane.open(
      (hooks) =>
        openSink(path, {
          ...options,
          ...hooks,
          overwrite,
          ...(beforeNaming === undefined
            ? {}
            : { beforeNaming: (complete: string) => beforeNaming(complete, path) }),
        }),
      onUnwritable,
    );
    this.#count += 1;
  }

  async #end(): Promise<void> {
    const lane = this.#open;
    if (lane === undefined) return;
    await lane.end();
    this.#open = undefined;
    addChanges(this.#changes, lane.sink.changes);
    const file = this.#fileAt(this.#count - 1);
    this.#written.push({ path: join(this.#folder, file), part: file, rows: lane.rows });
  }

  #fileAt(place: number): string {
    const file = this.#options.files[place];
    if (file === undefined) throw new RangeError(`There is no file ${place + 1}`);
    return file;
  }
}
