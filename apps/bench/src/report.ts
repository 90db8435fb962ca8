/** What a part of the bench found, ready to be shown in a terminal, as Markdown or as JSON. */
export interface Report {
  readonly tables: readonly Table[];
  readonly goals: readonly Goal[];
  /** What a reader must know of how it was measured. */
  readonly notes: readonly string[];
  /** For pictures. @default none */
  readonly series?: readonly Series[];
}

/** A figure at even steps of another one. */
export interface Series {
  readonly title: string;
  /** The other figure at each value. */
  readonly at: readonly number[];
  readonly values: readonly number[];
}

/** Figures in rows and columns; the first column says what a row is. */
export interface Table {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** A number is rounded when it is shown; `undefined` is shown as a dash. */
export type Cell = string | number | undefined;

/** A figure and the goal it has, a lower or an upper bound. */
export interface Goal {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly atLeast?: number;
  readonly atMost?: number;
}
