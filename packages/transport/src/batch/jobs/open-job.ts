import type { StoredJob } from "@parallel-parrot/journal";
import type { BatchJob } from "@parallel-parrot/providers";
import type { Reservation } from "../../budget/budget.ts";
import type { SpooledLines } from "../spool/line-spool.ts";

/** A job that this process looks after, from the intent to make it until its results are in the journal. */
export class OpenJob {
  readonly id: number;
  /** What the budget has set aside for it. */
  readonly reservation: Reservation;
  /** As it stands in the journal. */
  stored: StoredJob;
  /** What is sent to make it; `undefined` once the server has checked it, and where another process has planned it. */
  lines: SpooledLines | undefined;
  /** What the server said of it last. */
  view: BatchJob | undefined;
  /** What it waits for before it is made. */
  heldBackBy: "queue" | undefined;
  /** When it is looked at next, in milliseconds since 1970. */
  looksAt: number | undefined;
  /** Resolves when its requests are in no job any more. */
  readonly closed: Promise<void>;
  /** Resolves when it was looked at once since it was made, or is closed. */
  readonly looked: Promise<void>;
  readonly #close: () => void;
  readonly #look: () => void;
  isClosed = false;
  /** Whether some of its results were read by this process. */
  wasRead = false;
  /** Whether files of it may be at the provider that the journal does not name, as an upload had no answer. */
  hasStray: boolean;
  /** Whether it counts as queued at the provider. */
  isQueued = false;

  constructor(stored: StoredJob, reservation: Reservation, lines?: SpooledLines) {
    const closing = Promise.withResolvers<void>();
    const looking = Promise.withResolvers<void>();
    this.id = stored.id;
    this.stored = stored;
    this.reservation = reservation;
    this.lines = lines;
    this.hasStray = lines === undefined && stored.file === undefined;
    this.closed = closing.promise;
    this.#close = closing.resolve;
    this.looked = looking.promise;
    this.#look = looking.resolve;
  }

  /** Its requests are in no job any more. */
  close(): void {
    this.dropLines();
    this.isClosed = true;
    this.#look();
    this.#close();
  }

  /** It was looked at, and has not ended. */
  wasSeen(): void {
    this.#look();
  }

  dropLines(): void {
    this.lines?.close();
    this.lines = undefined;
  }
}
