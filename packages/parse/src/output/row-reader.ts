import type { JsonSchema, ParseJsonOptions, Row } from "@parallel-parrot/core";
import type { Changes } from "../fit/changes.ts";
import type { Problem } from "../fit/problem.ts";

/** A row, or what keeps a value from being one. */
export type RowReading<T extends Row> =
  | {
      readonly ok: true;
      readonly row: T;
      /** What was not quite what was asked for and was read in the only way that fits. */
      readonly changes?: Changes;
    }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** What a spec says of one object, whatever kind of spec it is. */
export interface RowReader<T extends Row> {
  /** What the model must write for one object; absent where it is not known. */
  readonly schema?: JsonSchema;
  /** The same as far as it is known, for the instructions and for reading; never sent to an API as a schema. */
  readonly sketch?: JsonSchema;
  /** Columns of the rows, as far as known. */
  readonly columns: readonly string[];
  /** How the numbers of an answer are given to it. */
  readonly numbers: NonNullable<ParseJsonOptions["numbers"]>;
  /** Reads one value of an answer. */
  read(value: unknown): RowReading<T> | Promise<RowReading<T>>;
}

/** Continues with a value at once, or when its promise resolves: most readings need no promise. */
export function whenRead<A, B>(value: A | Promise<A>, go: (value: A) => B | Promise<B>): B | Promise<B> {
  return value instanceof Promise ? value.then(go) : go(value);
}
