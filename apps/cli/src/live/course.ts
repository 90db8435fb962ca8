import type { RunCourse } from "@parallel-parrot/ui";

const FIGURES = [
  "seconds",
  "done",
  "asked",
  "failed",
  "inFlight",
  "tokens",
  "cost",
  "limitUse",
  "megabytes",
] as const satisfies readonly (keyof RunCourse)[];

/** A moment of a run. */
export type CourseMoment = Readonly<Record<keyof RunCourse, number>>;

/** Twice the fewest moments of a long run: two or three kilobytes in the journal for each run. */
const MOST_MOMENTS = 64;

/** Notes moments of a run, evenly over the whole of it: of too many, every second one is left out, and so again. */
export class Course {
  #moments: CourseMoment[] = [];
  /** Of so many moments that are told, one is noted. */
  #every = 1;
  #told = 0;

  add(moment: CourseMoment): void {
    const isNoted = this.#told % this.#every === 0;
    this.#told += 1;
    if (!isNoted) return;
    this.#moments.push(moment);
    if (this.#moments.length < MOST_MOMENTS) return;
    this.#moments = this.#moments.filter((_, at) => at % 2 === 0);
    this.#every *= 2;
  }

  /** The course up to this moment, noted or not. */
  upTo(last: CourseMoment): RunCourse {
    const moments = this.#moments.at(-1) === last ? this.#moments : [...this.#moments, last];
    return columnsOf((figure) => moments.map((moment) => moment[figure]));
  }
}

/** A course as a journal or a file has it, which may be a stranger's; `undefined` where it is none. */
export function readCourse(kept: unknown): RunCourse | undefined {
  if (typeof kept !== "object" || kept === null) return undefined;
  const columns = kept as Readonly<Record<string, unknown>>;
  const { seconds } = columns;
  if (!areNumbers(seconds) || seconds.length > MOST_MOMENTS + 1) return undefined;
  const areOfOneLength = FIGURES.every((figure) => {
    const column = columns[figure];
    return areNumbers(column) && column.length === seconds.length;
  });
  return areOfOneLength ? columnsOf((figure) => columns[figure] as readonly number[]) : undefined;
}

function columnsOf(column: (figure: keyof RunCourse) => readonly number[]): RunCourse {
  return Object.fromEntries(FIGURES.map((figure) => [figure, column(figure)])) as unknown as RunCourse;
}

function areNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((each) => Number.isFinite(each));
}
