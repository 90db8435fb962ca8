import type { RunCourse } from "@parallel-parrot/ui";
import type { RunStatus } from "../terminal/run-status.ts";
import { Course, type CourseMoment } from "./course.ts";
import { writeLive } from "./live-file.ts";
import { liveRunOf, momentOf } from "./live-run-of.ts";

/** What is told of a run besides how far it is. */
export interface ToldRun {
  readonly journal: string;
  readonly run: number;
  readonly look: () => RunStatus;
  /** Failed rows by code. */
  readonly failures: ReadonlyMap<string, number>;
}

/** The pace is that of so many moments. */
const PACE_MOMENTS = 10;

/** Tells how far a run is, in the file beside its journal, and notes its course. */
export class LiveTeller {
  readonly #told: ToldRun;
  readonly #course = new Course();
  /** The last moments. */
  readonly #last: CourseMoment[] = [];
  #writing: Promise<void> = Promise.resolve();
  #isWriting = false;

  constructor(told: ToldRun) {
    this.#told = told;
  }

  /** The course up to now. */
  get course(): RunCourse {
    return this.#course.upTo(momentOf(this.#told.look()));
  }

  /** Looks at the run, and writes what it sees unless what was seen before is still being written. */
  tell(): void {
    const { journal, run, look, failures } = this.#told;
    const status = look();
    const moment = momentOf(status);
    this.#course.add(moment);
    this.#last.push(moment);
    if (this.#last.length > PACE_MOMENTS) this.#last.shift();
    if (this.#isWriting) return;
    const live = liveRunOf(status, { failures, perMinute: this.#perMinute() });
    const record = { run, pid: process.pid, live, course: this.#course.upTo(moment) };
    this.#isWriting = true;
    // A disk that is full is told of by the journal; a page then shows how old its figures are.
    this.#writing = writeLive(journal, record)
      .catch(() => undefined)
      .finally(() => {
        this.#isWriting = false;
      });
  }

  /** Resolves when nothing is being written. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  #perMinute(): number {
    const [first, last] = [this.#last[0], this.#last.at(-1)];
    if (first === undefined || last === undefined) return 0;
    // The first look has nothing before it: it takes the run so far.
    const from = first === last ? { asked: 0, seconds: 0 } : first;
    const seconds = last.seconds - from.seconds;
    return seconds <= 0 ? 0 : Math.round(((last.asked - from.asked) / seconds) * 60);
  }
}
