import type { StatementSync } from "node:sqlite";
import type { Database } from "../sqlite.ts";

/** Entries of the index that are looked at in one go: less than a millisecond's worth. */
const STRETCH = 4096;

/** Finds out whether no key has two records, a stretch at a time: then every record is the latest of its key. */
export class DistinctKeys {
  readonly #stretch: StatementSync;
  #from = "";
  #state: "looking" | "distinct" | "repeated" = "looking";

  constructor(database: Database) {
    this.#stretch = database.prepare(
      `SELECT count(*) AS entries, count(DISTINCT key) AS keys, max(key) AS last
      FROM (SELECT key FROM answer WHERE key >= ? ORDER BY key LIMIT ${STRETCH})`,
    );
  }

  /** Whether all keys have been looked at and are distinct. */
  get isSure(): boolean {
    return this.#state === "distinct";
  }

  /** Looks at the next stretch, which begins with the last key of the one before. */
  goOn(): void {
    if (this.#state !== "looking") return;
    const { entries, keys, last } = this.#stretch.get(this.#from) ?? {};
    if (entries !== keys) this.#state = "repeated";
    else if (Number(entries) < STRETCH) this.#state = "distinct";
    else this.#from = String(last);
  }
}
