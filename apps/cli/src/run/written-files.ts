import type { JournalRun, Manifest } from "@parallel-parrot/journal";
import { digestFile } from "../files/digest-file.ts";
import type { WrittenFile } from "../journal/run-result.ts";

/**
 * The files that a run leaves. Its journal knows of each before it gets its name, so that one that a kill leaves
 * behind is not taken for somebody else's.
 */
export class WrittenFiles {
  readonly #files: WrittenFile[];
  #run: JournalRun | undefined;

  /** @param earlier those that the run had left before it was taken up again */
  constructor(earlier: readonly WrittenFile[]) {
    this.#files = [...earlier];
  }

  /** Tells the run whose files they are. */
  belongTo(run: JournalRun | undefined): void {
    this.#run = run;
  }

  /** The complete file at `path` is about to be called `name`. */
  async note(name: string, path: string): Promise<void> {
    const digest = this.#run === undefined ? undefined : await digestFile(path);
    if (digest === undefined) return;
    this.#files.push({ path: name, ...digest });
    await this.#run?.note({ files: this.#files });
  }

  /** Adds to what the journal keeps of the run. */
  async tell(additions: Manifest): Promise<void> {
    await this.#run?.note(additions);
  }

  /** The file that was noted last under this name. */
  find(name: string | undefined): WrittenFile | null {
    return this.#files.findLast(({ path }) => path === name) ?? null;
  }

  /** All of them, for the manifest of the run. */
  get all(): readonly WrittenFile[] {
    return this.#files;
  }
}
