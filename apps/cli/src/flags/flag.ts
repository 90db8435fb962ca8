import type { Row } from "@parallel-parrot/core";
import type { BatchOptions, BudgetLimits } from "@parallel-parrot/transport";
import type { PipelineOptions } from "parallel-parrot";
import type { FlagGroup } from "./flag-group.ts";
import type { Kind } from "./kinds/kind.ts";

/** The default of an option that has to be given. */
export const MANDATORY: { readonly isMandatory: true } = { isMandatory: true };

/** The value of an option that is not given. */
type Default<T> = T | undefined | typeof MANDATORY;

/** A row of a table of options: an option of a command. */
export interface Flag<T, D extends Default<T> = Default<T>> {
  /** The flag as the help shows it: `-o, --output <file>`. */
  readonly flag: string;
  readonly kind: Kind<T>;
  readonly default: D;
  /** What the option does, in the help. */
  readonly help: string;
  /** What holds without the option. The help shows it as the default. @default only the default is shown */
  readonly without?: string;
  /** What holds without the option, for the README alone. @default `without`, or else the default */
  readonly readmeDefault?: string;
  /** What the option does, for the README. @default `help` */
  readonly readme?: string;
  /** The flag that sets the option to `false`, with its line of the help. @default there is none */
  readonly negated?: { readonly flag: string; readonly help: string };
  /** The group that the help and the README show it in; `inGroup` sets it. @default among the command's own options */
  readonly group?: FlagGroup;
  /** The names that errors of the libraries have for it. */
  readonly libraryNames: readonly string[];
  /** What such an error is followed by, to say how the option is called here. @default the long flag */
  readonly errorWords?: string;
}

/** A row of the table of `text`, `columns` and `data`, whose options are kept as a job in the journal. */
export interface JobFlag<T, D extends Default<T> = Default<T>, G extends TakenBy = TakenBy> extends Flag<
  T,
  D
> {
  /** The options of `pipeline` that follow from its value; `undefined` where none does. */
  readonly pipeline: Call<T, PipelinePart> | undefined;
  /** The hashes of a run that it is a part of; `undefined` for none. */
  readonly identity: Identity<T>;
  /** How a person is told that it differs from an earlier run; `undefined` where that is not told. */
  readonly change: ToldChange | undefined;
  /** Which of `resume` and `retry-failed` take it. */
  readonly takenBy: G;
  /**
   * Whether it decides whose key is sent, what may be lost or whose answers are believed. No journal decides such an
   * option: `resume` and `retry-failed` have to be given it anew.
   */
  readonly isAuthority: boolean;
  /** Whether the journal keeps its value, which is not a secret. @default true */
  readonly isKept?: false;
  /** Whether it names a file or folder: in a job file, one that is in the folder of that file. @default false */
  readonly namesFile?: true;
  /** For an option that names a file of text: the option of the job that keeps the text, as the file may change. */
  readonly inlinedAs?: "promptText" | "schemaText" | "extraBodyText";
}

/** A function with the variance of a method, so that rows with values of any type fit into one table. */
type Call<T, R> = { call(value: T): R }["call"];

/** The options of `pipeline` that may follow from an option of a command. */
export interface PipelinePart extends Partial<
  Omit<PipelineOptions<Row, Row>, "provider" | "prompt" | "output" | "budget" | "batch">
> {
  readonly budget?: BudgetLimits;
  /** Only where requests go through batches: an option that needs that is not one without. */
  readonly batch?: BatchOptions;
}

/**
 * The hashes of a run that an option is a part of. `asking` is the hash of the requests, `product` that of the requests
 * and of how answers are read, `identity` that of the whole run. What is in the first is also in the others, and what
 * is in the second also in the third.
 *
 * Journals keep these hashes, so no `place` may ever change. A new option takes the next place and has a `later`, so
 * that a run without it keeps the hash that it had before the option was known.
 */
export type Identity<T> =
  | {
      readonly of: "asking" | "product" | "identity";
      /** The place of the option among all that are hashed. */
      readonly place: number;
      /** What is hashed for a value; nothing for `undefined`. @default the value */
      readonly later?: Call<T, string | undefined>;
    }
  | undefined;

/** How a changed option is told to a person. */
interface ToldChange {
  /** What has changed: a part of the question, or else the flag. */
  readonly words: string;
  /** Whether the values before and now are shown as well. */
  readonly showsValues: boolean;
}

/** Which commands take an option of a run that they resume: none, `resume` and `retry-failed`, or the latter alone. */
export type TakenBy = TakenByResume | TakenByRetry | undefined;

interface TakenByBoth {
  /** Its line in their help. @default the same as in that of `text` */
  readonly help?: string;
  /** Whether it belongs to the model: a retry with another model does not take it over. @default false */
  readonly isOfModel?: boolean;
}

interface TakenByResume extends TakenByBoth {
  readonly command: "resume";
  /**
   * Its value where it is not given; `undefined` is the value that the run was begun with.
   * @default `undefined`; `false` for a switch
   */
  readonly default?: string | undefined;
}

interface TakenByRetry extends TakenByBoth {
  readonly command: "retry-failed";
  /** What of the requests it changes; `tokens` may be more or fewer. */
  readonly changes: "model" | "tokens" | "sampling" | "reasoning" | "context";
}

/** A table of options: rows by the names of their values. */
export type Flags = Readonly<Record<string, Flag<unknown>>>;
/** A table of options of a job. */
export type JobFlags = Readonly<Record<string, JobFlag<unknown>>>;

/** Makes a row of a table of options. A row does not compile where a column is missing or does not fit its kind. */
export function flag<T, const D extends Default<T>>(row: Flag<T, D>): Flag<T, D> {
  return row;
}

/** Makes a row of the table of `text`, `columns` and `data`. */
export function jobFlag<T, const D extends Default<T>, const G extends TakenBy>(
  row: JobFlag<T, D, G>,
): JobFlag<T, D, G> {
  return row;
}

type ValueOf<F> = F extends { readonly kind: Kind<infer T> } ? T : never;
type IsOptional<F> = F extends { readonly default: infer D } ? (undefined extends D ? true : false) : never;

/** The values that a command gets from a table. A value without a default may be missing. */
export type ValuesOf<F> = {
  readonly [K in keyof F as IsOptional<F[K]> extends true ? never : K]: ValueOf<F[K]>;
} & {
  readonly [K in keyof F as IsOptional<F[K]> extends true ? K : never]?: ValueOf<F[K]> | undefined;
};

/** The names of the options that are taken by a command. */
export type NamesBy<F, C extends "resume" | "retry-failed"> = {
  [K in keyof F]: F[K] extends { readonly takenBy: { readonly command: C } } ? K : never;
}[keyof F];

/** The names of the options that belong to a model. */
export type NamesOfModel<F> = {
  [K in keyof F]: F[K] extends { readonly takenBy: { readonly isOfModel: true } } ? K : never;
}[keyof F];

/** The long flag of a row: `--output` of `-o, --output <file>`. */
export function longOf({ flag: text }: Pick<Flag<unknown>, "flag">): string {
  return /--[a-z-]+/.exec(text)?.[0] ?? text;
}
