import type { Row } from "@parallel-parrot/core";
import type { JournalInspection, JournalRun, KeptRecord } from "@parallel-parrot/journal";
import type { GenerationParams } from "@parallel-parrot/providers";
import { readOnlyRun } from "../journal/read-only-run.ts";

/** The responses that a row has in the journal, all together. */
export interface RowResponses {
  readonly keys: readonly string[];
  readonly durationMs: number;
  readonly attempts: number;
  /** `undefined` where no price was known. */
  readonly cost: number | undefined;
  /** When the first of them was asked for. */
  readonly sentAt: number | undefined;
}

interface Noted {
  readonly rowParams: (row: Row) => GenerationParams;
}

/**
 * Notes which responses of a journal the pipeline finds for which row. The pipeline asks for the parameters of a row, and
 * then, with nothing between, for the responses to its requests.
 */
export class FoundResponses {
  readonly journal: JournalRun;
  readonly #found = new WeakMap<Row, Map<string, KeptRecord>>();
  #row: Row | undefined;

  constructor(journal: JournalInspection) {
    const kept = readOnlyRun(journal);
    this.journal = {
      ...kept,
      find: (key) => {
        const record = kept.find(key);
        // Without its body, which may be long.
        if (record !== undefined) this.#note(key, { ...record, body: "" });
        return record;
      },
    };
  }

  /** A way of asking that tells which row is asked for. */
  noted<T extends { readonly rowParams?: ((row: Row) => GenerationParams) | undefined }>(
    asking: T,
  ): T & Noted {
    const { rowParams } = asking;
    const noted: Noted = {
      rowParams: (row) => {
        this.#row = row;
        return rowParams?.(row) ?? {};
      },
    };
    return Object.assign({}, asking, noted);
  }

  of(row: Row): RowResponses | undefined {
    const found = this.#found.get(row);
    if (found === undefined) return undefined;
    const records = [...found.values()];
    const costs = records.flatMap(({ cost }) => cost ?? []);
    return {
      keys: [...found.keys()],
      durationMs: records.reduce((sum, { durationMs }) => sum + durationMs, 0),
      attempts: records.reduce((most, { attempts }) => Math.max(most, attempts), 0),
      sentAt: records.length === 0 ? undefined : Math.min(...records.map(({ sentAt }) => sentAt)),
      cost: costs.length === 0 ? undefined : costs.reduce((sum, cost) => sum + cost, 0),
    };
  }

  #note(key: string, record: KeptRecord): void {
    if (this.#row === undefined) return;
    const known = this.#found.get(this.#row);
    if (known === undefined) this.#found.set(this.#row, new Map([[key, record]]));
    else known.set(key, record);
  }
}
