/** So many ids are remembered, so that a record counts once however often it is looked for. */
const MAX_REMEMBERED = 65_536;

/** Counts the records that were looked for and not used. */
export class UnusedRecords {
  readonly #seen = new Set<number>();
  #damaged = 0;
  #foreign = 0;

  /** Records that do not fit their own checksum. */
  get damaged(): number {
    return this.#damaged;
  }

  /** Records that somebody else has made. */
  get foreign(): number {
    return this.#foreign;
  }

  /** @param id of the record, where that could be read */
  add(why: "damaged" | "foreign", id: number | undefined): void {
    if (id !== undefined) {
      if (this.#seen.has(id)) return;
      if (this.#seen.size < MAX_REMEMBERED) this.#seen.add(id);
    }
    if (why === "damaged") this.#damaged += 1;
    else this.#foreign += 1;
  }
}
