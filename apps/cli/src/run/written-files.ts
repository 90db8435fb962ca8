import type { JournalRun, Manifest } from "@parallel-parrot/journal";
import { digestFile } from "../output/digest-file.ts";
import type { WrittenFile } from "../journal/run-result.ts";

/**
 * The files that a run has written. The journal is told of each before it gets its name, so that a file which a kill
 * leaves behind is known as the run's own.
 */
export class WrittenFiles {
  readonly #files: WrittenFile[];
  #run: JournalRun | undefined;

  /** @param earlier the files that the run had written before it was resumed */
  constructor(earlier: readonly WrittenFile[]) {
    this.#files = [...earlier];
  }

  /** Sets the run of the journal that is told of the files. */
  belongTo(run: JournalRun | undefined): void {
    this.#run = run;
  }

  /** Notes that the complete file at `path` is about to get the name `name`. */
  async note(name: string, path: string): Promise<void> {
    const digest = this.#run === undefined ? undefined : await digestFile(path);
    if (digest === undefined) return;
    this.#files.push({ path: name, ...digest });
    await this.#run?.note({ files: this.#files });
  }

  /** Adds to the run's manifest. */
  async tell(additions: Manifest): Promise<void> {
    await this.#run?.note(additions);
  }

  /** The file that was noted last under this name. */
  find(name: string | undefined): WrittenFile | null {
    return this.#files.findLast(({ path }) => path === name) ?? null;
  }

  /** The files that were noted last under these names. */
  findAll(names: readonly string[]): readonly WrittenFile[] {
    return names.flatMap((name) => this.find(name) ?? []);
  }

  /** All files, for the manifest of the run. */
  get all(): readonly WrittenFile[] {
    return this.#files;
  }
}
