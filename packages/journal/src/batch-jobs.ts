import type { Manifest } from "./manifest.ts";
import type { Origin } from "./origin.ts";

/** How a job ended: its requests belong to no job any more. */
export type JobEnd =
  /** All its results are in the journal. */
  | "harvested"
  /** The API did not make it, or ran nothing of it. */
  | "refused"
  /** Somebody gave it up; what it answers is lost, and may have to be paid for. */
  | "abandoned";

/** How far a job is. Each but the last is on the disk before the request that it names is sent. */
export type OpenJobState = "planned" | "uploaded" | "creating" | "open" | "cancelling" | "ended";

/** One request of a job: its key is what its result comes back with. */
export interface BatchedRequest {
  /** The key that {@linkcode requestKey} gives, as of the direct request. */
  readonly key: string;
  /** 0-based position in the input of the row that asks. */
  readonly row: number;
  /** Which of several equal requests of one row this is, counted from 0. */
  readonly replicate: number;
  /** Requests that the row will have sent with this one. */
  readonly attempts: number;
}

/** What the requests of a job may take in the worst case. */
export interface ReservedAmounts {
  readonly tokens: number;
  /** US dollars. */
  readonly cost: number;
}

/** What does not change of a job once it is planned. */
export interface JobDescription {
  readonly provider: string;
  /** Origin and endpoint, without credentials. */
  readonly url: string;
  readonly model: string;
  /** What it is found by in a list of the API; no other job has it. */
  readonly name: string;
  /** The bytes of all its lines. */
  readonly bytes: number;
  /** About how many input tokens it queues. */
  readonly inputTokens: number;
  /** What a budget has set aside for it. @default there is no budget */
  readonly reserved?: ReservedAmounts;
  /** What its requests cost, as a part of the direct price. @default it is not known */
  readonly priceFactor?: number;
}

/** A job that is about to be made. */
export interface PlannedJob extends JobDescription {
  /** None of them may be in an open job already. */
  readonly requests: Iterable<BatchedRequest>;
}

/** What becomes known of a job on its way; what is left out stays as it was. */
export interface JobChanges {
  readonly state?: OpenJobState;
  /** The id of the file with its requests. */
  readonly file?: string;
  /** The id that the API has given it. */
  readonly remote?: string;
  /** Ids of jobs that were there before it was created, where the API keeps no names. */
  readonly known?: readonly string[];
  /** Times in milliseconds since 1970: when it was created, when it expires, when it ended. */
  readonly sentAt?: number;
  readonly expiresAt?: number;
  readonly endedAt?: number;
  /** What the API last said of it, as data that JSON can hold. */
  readonly view?: Manifest;
  /** Why it was refused, was given up or does not get on. */
  readonly error?: string;
}

/** A job as it stands in the journal. */
export interface StoredJob extends JobDescription, Omit<JobChanges, "state"> {
  /** 1 for the first. No other job ever gets it, also where this one is pruned. */
  readonly id: number;
  /** The run that has planned it. Any run of the journal may collect its results. */
  readonly run: number;
  /** Who made it, as far as its checks tell: only an own one is to be acted on. */
  readonly origin: Origin;
  readonly state: OpenJobState | JobEnd;
  /** The number of its requests. */
  readonly requests: number;
  /** The number of records that were kept of its results. */
  readonly answers: number;
  /** What those cost in US dollars, as far as prices were known. */
  readonly cost: number;
  /** When it was planned, in milliseconds since 1970. */
  readonly createdAt: number;
}

/** Which jobs. */
export interface JobFilter {
  /** Only those whose end is not known yet, or only the others. @default all */
  readonly open?: boolean;
}

/**
 * The jobs that a journal remembers. A job is an intent first: it is on the disk before anything of it is sent, so that
 * none is made twice or forgotten, whenever the process ends. Each promise resolves once the change would survive the
 * loss of power, and rejects with a ParrotError `JOURNAL_FAILED` if it would not: then nothing may be sent.
 */
export interface JournalBatches {
  /** Jobs of all runs, oldest first; those of others too. */
  jobs(filter?: JobFilter): readonly StoredJob[];
  /** The open job that a request is in; `undefined` if it is in none, or in one that somebody else has made. */
  find(key: string): (BatchedRequest & { readonly job: number }) | undefined;
  /** The requests of an open job, by key. */
  requestsOf(job: number): Iterable<BatchedRequest>;
  /** Notes what became known of an open job; of one that is closed, `view` alone. */
  change(job: number, changes: JobChanges): Promise<void>;
  /** Ends an open job and frees its requests, both or neither. Records of its results are awaited before. */
  close(job: number, end: JobEnd, changes?: Omit<JobChanges, "state">): Promise<void>;
}

/** The jobs as a run sees them, which can plan new ones. */
export interface RunBatches extends JournalBatches {
  /**
   * Plans a job: it and its requests are on the disk, or nothing of it. Rejects also if the journal's `ending` says that
   * nothing new should be asked, or if a request is in an open job already.
   */
  plan(job: PlannedJob): Promise<StoredJob>;
}
