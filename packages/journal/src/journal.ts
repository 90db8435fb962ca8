import type { ParrotError, Usage } from "@parallel-parrot/core";
import type { JournalBatches, RunBatches } from "./batch-jobs.ts";
import type { Manifest } from "./manifest.ts";
import type { RunOrigin } from "./origin.ts";

/** One request and the response to it, as they were paid for. Holds no credentials and no prompt. */
export interface JournalRecord {
  /** The key that {@linkcode requestKey} gives. */
  readonly key: string;
  /** 0-based position in the input of the row that asked. */
  readonly row: number;
  /** Which of several equal requests of one row this was, counted from 0. */
  readonly replicate: number;
  /** An answer, one without any text, or a failure with its code. */
  readonly outcome: "answer" | "empty" | "failure";
  /** Why there is no answer, where the outcome is a failure. */
  readonly code?: string;
  /** HTTP status. */
  readonly status: number;
  /**
   * The response's body, decompressed and as it came, credentials taken out. Half a surrogate pair, which UTF-8
   * cannot hold and no response has, is kept as U+FFFD.
   */
  readonly body: string;
  /** A `cacheWriteTokens` of 0 comes back as none. */
  readonly usage: Usage;
  /** What that cost in US dollars at the prices of the time, where they were known. */
  readonly cost?: number;
  /** Requests that the row had sent by then, this one included. */
  readonly attempts: number;
  /** When the request was sent, in milliseconds since 1970; rounded to whole ones. */
  readonly sentAt: number;
  /** Time from sending to the last byte; rounded to whole milliseconds. */
  readonly durationMs: number;
  /** The id of the job whose result it is. @default it was asked directly */
  readonly batchJob?: number;
}

/** A record as it stands in the journal. */
export interface KeptRecord extends JournalRecord {
  /** The run that paid for it. */
  readonly run: number;
  /** Whether its row was settled: everything that was asked for the row is in the journal. */
  readonly isSettled: boolean;
}

/** A record found again by a run. */
export interface StoredRecord extends KeptRecord {
  /** Whether this process has paid for it: it was kept since the journal was opened. */
  readonly isOwn: boolean;
}

/** How a run ended; `running` also where its process was killed. */
export type RunState = "running" | "stopped" | "finished";

/** A run as it stands in the journal. */
export interface RunSummary {
  /** 1 for the first. */
  readonly id: number;
  /**
   * Who made it, as far as its checks tell: an `own` one is as its owner has left it, and only its manifest may be
   * acted on. Of an `adopted` one the answers were taken over, not the manifest.
   */
  readonly origin: RunOrigin;
  /** Runs that continue each other have the same one. */
  readonly identity: string | undefined;
  readonly manifest: Manifest;
  readonly state: RunState;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** When the run last began, was written to, had a record found by a later run, or ended. */
  readonly touchedAt: number;
  /** How many rows are settled, from the first one on without a gap. */
  readonly settled: number;
  /** Everything that was paid for in it. */
  readonly usage: Usage;
  /** What that cost in US dollars, as far as prices were known. */
  readonly cost: number;
}

/** How {@linkcode Journal.begin} finds or makes a run. */
export interface BeginOptions {
  /** What makes a run the same one: the last own run with this identity goes on unless it is finished. @default a new run */
  readonly identity?: string;
  /** @default nothing */
  readonly manifest?: Manifest;
}

/** What was paid for in a run and could not be kept. Results of a batch are not among it: they are read again. */
export interface LostRecords extends Pick<RunSummary, "usage" | "cost"> {
  readonly records: number;
  /** Whether they count in the run's `usage` and `cost` all the same, and so in `paidBefore` when it goes on. */
  readonly areCounted: boolean;
}

/**
 * A run that records what it pays for and finds what was paid before. One stage at a time; the records of all
 * runs are found.
 */
export interface JournalRun {
  readonly id: number;
  /** The journal's file; `undefined` where there is none. */
  readonly path: string | undefined;
  /**
   * Why nothing new should be asked: the disk is full, or the file is no longer where it was. There is room set aside
   * for the answers to what is in flight, and for little else; if the file is gone, everything is written to a new one at the end.
   */
  readonly ending: ParrotError | undefined;
  /** What the run had paid before this process went on with it; nothing for a new run. */
  readonly paidBefore: Pick<RunSummary, "usage" | "cost">;
  /** What was paid for and could not be kept, as `append` has rejected. @default nothing */
  readonly lost?: LostRecords;
  /**
   * Where the journal was written anew when the run ended, as its file had been removed or replaced in the meantime;
   * `undefined` where it had not.
   */
  readonly movedTo?: string | undefined;
  /** The jobs at batch APIs; `undefined` if nothing outlives the process, so that they would be forgotten. */
  readonly batches?: RunBatches | undefined;
  /** The latest record of a key, among those that are durable. */
  find(key: string): StoredRecord | undefined;
  /** Keeps a record; resolves once it would survive the loss of power. Rejects with a ParrotError `JOURNAL_FAILED`. */
  append(record: JournalRecord): Promise<void>;
  /**
   * Takes the right to ask for a key: `undefined` is yes, and `release` must follow. Otherwise another row asks
   * for the same; the promise resolves when it is done, and the caller looks again.
   */
  claim(key: string): Promise<void> | undefined;
  release(key: string): void;
  /** Says that all rows below this one are settled. */
  settle(row: number): void;
  /** Adds to the manifest, replacing what has the same names. Resolves when that is durable. */
  note(additions: Manifest): Promise<void>;
  /** Ends the run, with additions to its manifest. */
  end(state: Exclude<RunState, "running">, additions?: Manifest): Promise<void>;
}

/** Whose records a journal takes for its own. */
export interface JournalOptions {
  /**
   * At least 32 random bytes that nobody but the owner knows, and that are not kept beside the journal. Runs and
   * records are signed with it, and only those that are so signed are used.
   *
   * @default none: a record carries a checksum, and whatever is undamaged is used, whoever made it
   */
  readonly secret?: Uint8Array | undefined;
  /**
   * Signs the undamaged records of others too, so that they are used from now on. Their runs stay somebody else's.
   * Needs as much free space as the journal takes. @default false: a journal that has some is refused
   */
  readonly adopt?: boolean;
}

/** What the checks of a journal's records came to since it was opened. */
export interface JournalChecks {
  /** Records of others, or of an older version, that were signed. */
  readonly adopted: number;
  /** Records that were looked for and not used, as they are damaged. */
  readonly damaged: number;
  /** Records that were looked for and not used, as somebody else has made them. */
  readonly foreign: number;
}

/** Where answers are kept: {@linkcode openJournal} keeps them in a file, `memoryJournal` for the process. */
export interface Journal {
  /** The file; `undefined` where there is none. */
  readonly path: string | undefined;
  readonly checks: JournalChecks;
  /** The jobs at batch APIs, whoever has planned them; `undefined` as in a run. */
  readonly batches?: JournalBatches | undefined;
  begin(options?: BeginOptions): Promise<JournalRun>;
  /** All runs, oldest first; those of others too. */
  runs(): readonly RunSummary[];
  /** All records that can be found, oldest first. */
  records(filter?: { readonly run?: number }): Iterable<StoredRecord>;
  /** Waits for everything to be durable, then gives the file back. */
  close(): Promise<void>;
}
