import {
  addUsage,
  aNumberAbove0,
  checkOptions,
  isObject,
  NO_USAGE,
  parseJson,
  stringifyJson,
  type Usage,
} from "@parallel-parrot/core";
import { Claims } from "../claims.ts";
import type { Journal, JournalRecord, JournalRun, RunState, RunSummary, StoredRecord } from "../journal.ts";
import type { Manifest } from "../manifest.ts";

/** Options of {@linkcode memoryJournal}. */
export interface MemoryJournalOptions {
  /** About how many bytes its records may take. Beyond that, those go that were kept or found longest ago. @default no limit */
  readonly maxBytes?: number;
}

/**
 * A journal in memory: what is in it is gone with the process, and without a limit it grows with every answer. It
 * remembers no jobs at batch APIs, which outlive the process and cost money: whoever wants them needs a file.
 */
export function memoryJournal(options: MemoryJournalOptions = {}): Journal {
  checkOptions<MemoryJournalOptions>("memoryJournal", options, { maxBytes: aNumberAbove0 });
  const { maxBytes = Infinity } = options;
  const runs: MemoryRun[] = [];
  const records = new MemoryRecords(maxBytes);
  const claims = new Claims();
  return {
    path: undefined,
    checks: { adopted: 0, damaged: 0, foreign: 0 },
    begin({ identity, manifest = {} } = {}) {
      const last = identity === undefined ? undefined : runs.findLast((run) => run.identity === identity);
      let run = last?.state === "finished" ? undefined : last;
      if (run === undefined) {
        run = new MemoryRun(runs.length + 1, identity);
        runs.push(run);
      }
      run.state = "running";
      run.manifest = asJson(manifest);
      run.touchedAt = Date.now();
      return Promise.resolve(opened(run));
    },
    runs: () => runs.map((run) => run.summary),
    *records(filter) {
      for (const stored of records.all) {
        if (filter?.run === undefined || filter.run === stored.run.id) yield open(stored);
      }
    },
    close: () => Promise.resolve(),
  };

  function opened(run: MemoryRun): JournalRun {
    return {
      id: run.id,
      path: undefined,
      ending: undefined,
      paidBefore: { usage: run.usage, cost: run.cost },
      find(key) {
        const stored = records.find(key);
        if (stored === undefined) return undefined;
        stored.run.touchedAt = Date.now();
        return open(stored);
      },
      append(record) {
        run.touchedAt = Date.now();
        records.add({ record: asStored(record), run });
        run.usage = addUsage(run.usage, record.usage);
        run.cost += record.cost ?? 0;
        return Promise.resolve();
      },
      claim: (key) => claims.take(key),
      release: (key) => claims.release(key),
      settle(row) {
        run.settled = Math.max(run.settled, row);
      },
      note: (additions) => note(run, "running", additions),
      end: (state, additions = {}) => note(run, state, additions),
    };
  }

  function note(run: MemoryRun, state: RunState, additions: Manifest): Promise<void> {
    run.state = state;
    run.manifest = { ...run.manifest, ...asJson(additions) };
    run.touchedAt = Date.now();
    return Promise.resolve();
  }
}

interface Stored {
  readonly record: JournalRecord;
  readonly run: MemoryRun;
}

function open({ record, run }: Stored): StoredRecord {
  return { ...record, run: run.id, isSettled: record.row < run.settled, isOwn: true };
}

/** What a record takes besides its body. */
const RECORD_BYTES = 1024;

/** A character takes two bytes at most. */
function bytesOf({ record }: Stored): number {
  return RECORD_BYTES + 2 * record.body.length;
}

class MemoryRecords {
  readonly #maxBytes: number;
  /** In the order they were kept, but for those that were found since where there is a limit. */
  readonly all = new Set<Stored>();
  readonly #latest = new Map<string, Stored>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  find(key: string): Stored | undefined {
    const stored = this.#latest.get(key);
    if (stored === undefined || this.#maxBytes === Infinity) return stored;
    this.all.delete(stored);
    this.all.add(stored);
    return stored;
  }

  add(stored: Stored): void {
    this.all.add(stored);
    this.#latest.set(stored.record.key, stored);
    this.#bytes += bytesOf(stored);
    for (const oldest of this.all) {
      if (this.#bytes <= this.#maxBytes) return;
      this.all.delete(oldest);
      this.#bytes -= bytesOf(oldest);
      if (this.#latest.get(oldest.record.key) === oldest) this.#latest.delete(oldest.record.key);
    }
  }
}

/** The record as it would come back from a file. */
function asStored(record: JournalRecord): JournalRecord {
  const { usage, body, sentAt, durationMs } = record;
  const { cacheWriteTokens = 0, ...others } = usage;
  return {
    ...record,
    body: body.toWellFormed(),
    usage: cacheWriteTokens > 0 ? usage : others,
    sentAt: Math.round(sentAt),
    durationMs: Math.round(durationMs),
  };
}

function asJson(manifest: Manifest): Manifest {
  const copy = parseJson(stringifyJson(manifest) ?? "{}");
  return isObject(copy) ? { ...copy } : {};
}

class MemoryRun {
  readonly id: number;
  readonly identity: string | undefined;
  readonly startedAt: number = Date.now();
  touchedAt: number = this.startedAt;
  manifest: Manifest = {};
  state: RunState = "running";
  settled = 0;
  usage: Usage = NO_USAGE;
  cost = 0;

  constructor(id: number, identity: string | undefined) {
    this.id = id;
    this.identity = identity;
  }

  get summary(): RunSummary {
    const { id, identity, manifest, state, startedAt, touchedAt, settled, usage, cost } = this;
    return { id, origin: "own", identity, manifest, state, startedAt, touchedAt, settled, usage, cost };
  }
}
