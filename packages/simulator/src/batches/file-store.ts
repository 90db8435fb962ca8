import type { BatchApi, SimFile } from "./batch-api.ts";

/** The files of all APIs, and the ids of files and jobs, of which none comes twice. */
export class FileStore {
  readonly #files = new Map<string, SimFile>();
  #digits = 0;

  /** The files that have not been deleted. */
  get all(): readonly SimFile[] {
    return [...this.#files.values()];
  }

  nextDigits(): string {
    this.#digits += 1;
    return this.#digits.toString(16).padStart(24, "0");
  }

  add(api: BatchApi, content: Omit<SimFile, "id">): SimFile {
    const file = { id: api.idOf("file", this.nextDigits()), ...content };
    this.#files.set(file.id, file);
    return file;
  }

  get(id: string): SimFile | undefined {
    return this.#files.get(id);
  }

  delete(id: string): void {
    this.#files.delete(id);
  }

  clear(): void {
    this.#files.clear();
  }
}
