import type { RunState } from "../../journal.ts";
import type { AnswerValues } from "../tables/schema.ts";

/** What the writing thread is asked to do; one at a time. */
export type WriteRequest =
  | { readonly kind: "begin"; readonly identity: string | null; readonly manifest: string }
  | {
      readonly kind: "append";
      readonly answers: readonly AnswerValues[];
      readonly settled: readonly Settled[];
      /** Earlier runs whose answers were found. */
      readonly used: readonly number[];
      readonly lost: readonly Paid[];
    }
  | {
      readonly kind: "note";
      readonly run: number;
      readonly state: RunState;
      readonly additions: string;
      readonly lost: readonly Paid[];
    }
  | {
      readonly kind: "plan";
      readonly job: JobColumnValues;
      readonly requests: readonly RequestValues[];
    }
  | {
      readonly kind: "job";
      readonly job: number;
      readonly changes: JobColumnValues;
      /** Whether that is its end, so that its requests belong to no job any more. */
      readonly isEnd: boolean;
    }
  | { readonly kind: "close" };

/** Columns of a job by name, as they are stored. */
export type JobColumnValues = Readonly<Record<string, string | number | Uint8Array>>;

/** A request of a job, as it goes to the writing thread. */
export type RequestValues = readonly [key: string, row: number, replicate: number, attempts: number];

/** What was paid for in a run, of which there is no record. */
export interface Paid {
  readonly run: number;
  /** The usage, in the order of the run's columns, then the cost. */
  readonly sums: readonly number[];
}

/** How far a run is: all rows below `row` are done with. */
interface Settled {
  readonly run: number;
  readonly row: number;
}

/** A run as it was when it was begun. */
export interface BegunRun {
  readonly id: number;
  readonly settled: number;
}

/** What the writing thread answers. */
export type WriteReply =
  | {
      readonly ok: true;
      readonly begun?: BegunRun;
      /** The id of the job that was planned. */
      readonly planned?: number;
      /** Why the reserve was used: there is room for little more. */
      readonly isLast?: string | undefined;
      /** Whether its file is no longer where it was. */
      readonly isMoved?: boolean;
      /** The new file to which everything was written, as the old one is no longer where it was. */
      readonly movedTo?: string;
    }
  | { readonly ok: false; readonly message: string; readonly isFull?: boolean };

/** What a journal is written with. */
export interface WriterData {
  readonly path: string;
  /** What seals are made with. */
  readonly secret: Uint8Array | undefined;
}
