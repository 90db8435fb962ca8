import { addUsage, NO_USAGE, parseJson, stringifyJson, type Usage } from "@parallel-parrot/core";
import { Claims } from "./claims.ts";
import type {
  Journal,
  JournalRecord,
  JournalRun,
  Manifest,
  RunState,
  RunSummary,
  StoredRecord,
} from "./journal.ts";

/** A journal in memory, for tests: what is in it is gone with the process, and it grows with every answer. */
export function memoryJournal(): Journal {
  const runs: MemoryRun[] = [];
  const all: Stored[] = [];
  const latest = new Map<string, Stored>();
  const claims = new Claims();
  const open = ({ record, run }: Stored): StoredRecord => ({
    ...record,
    run: run.id,
    isSettled: record.row < run.settled,
    isOwn: true,
  });
  return {
    path: undefined,
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
      for (const stored of all) {
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
        const stored = latest.get(key);
        if (stored === undefined) return undefined;
        stored.run.touchedAt = Date.now();
        return open(stored);
      },
      append(record) {
        const stored = { record: asStored(record), run };
        run.touchedAt = Date.now();
        all.push(stored);
        latest.set(record.key, stored);
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

/** As it would come back from a file. */
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
  return typeof copy === "object" && copy !== null ? { ...copy } : {};
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
    return { id, identity, manifest, state, startedAt, touchedAt, settled, usage, cost };
  }
}
