import type { Row } from "@parallel-parrot/core";
import type { BudgetLimits } from "@parallel-parrot/transport";
import type { PipelineOptions } from "parallel-parrot";
import type { Kind } from "./kind.ts";

/** Stands for the default of an option that has to be given. */
export const MANDATORY: { readonly isMandatory: true } = { isMandatory: true };

/** What an option is where it is not given. */
type Default<T> = T | undefined | typeof MANDATORY;

/** An option of a command: what a person types, reads and gets. */
export interface Flag<T, D extends Default<T> = Default<T>> {
  /** As the help shows it: `-o, --output <file>`. */
  readonly flag: string;
  readonly kind: Kind<T>;
  readonly default: D;
  /** What it does. */
  readonly says: string;
  /** What holds where it is not given, for the help and the README; behind "without,". @default the default tells it */
  readonly without?: string;
  /** The same for the README alone. */
  readonly otherwise?: string;
  /** What it does, for the README, where that says more than the help. @default says */
  readonly readme?: string;
  /** The flag that sets it to `false`, and what that one does. */
  readonly orNot?: { readonly flag: string; readonly says: string };
  /** What the libraries call it in errors. */
  readonly library: readonly string[];
  /** What an error of theirs is told to mean here. @default the long flag */
  readonly here?: string;
}

/** An option of `text` and `data`: also what it is to a run, to its identity and to those that go on with it. */
export interface JobFlag<T, D extends Default<T> = Default<T>, G extends GoOn = GoOn> extends Flag<T, D> {
  /** What it says to `pipeline`; `undefined` where it says nothing to that. */
  readonly pipeline: Call<T, PipelinePart> | undefined;
  readonly identity: Identity<T>;
  /** How a change of it from run to run is told; `undefined` where it is not. */
  readonly told: Told | undefined;
  readonly goOn: G;
  /**
   * Whether it decides whose key is sent, what may be lost or who is believed. Then no journal decides it: whoever
   * goes on with a run gives it anew.
   */
  readonly isAuthority: boolean;
  /** Where it names a file of text: the option that keeps what is in the file, as the file may change. */
  readonly inlinedAs?: "promptText" | "schemaText";
}

/** A function of a value, compared as methods are: so rows with values of any type stand in one table. */
type Call<T, R> = { call(value: T): R }["call"];

/** The options of `pipeline`, as far as options of a command line say them. */
export interface PipelinePart extends Partial<
  Omit<PipelineOptions<Row, Row>, "provider" | "prompt" | "output" | "budget">
> {
  readonly budget?: BudgetLimits;
}

/**
 * Which hashes an option is a part of: `asking` (the same rows ask for the same), `product` (the same questions, read
 * the same way) and `identity` (the same run). Those of a narrower one are a part of the wider ones. The hashes are in
 * journals, so that a `place` never changes. A new option takes the next place and a `later`, which gives nothing
 * where the option is not given: without it, a run stays the same as one of a version that did not know it.
 */
export type Identity<T> =
  | {
      readonly of: "asking" | "product" | "identity";
      readonly place: number;
      /** What is hashed of it, nothing for `undefined`. @default its value, at its place */
      readonly later?: Call<T, string | undefined>;
    }
  | undefined;

/** How a change of an option is told. */
interface Told {
  /** Where it stands among several changes. */
  readonly place: number;
  readonly as: string;
  /** Whether the value before and the one now are shown. */
  readonly values: boolean;
}

/** Whether those that go on with a run take an option: none, both `resume` and `retry-failed`, or the latter alone. */
export type GoOn = ResumeColumn | RetryColumn | undefined;

interface HelpOfGoOn {
  /** Where it stands in their help. */
  readonly place: number;
  /** What it does there. @default what it says */
  readonly says?: string;
}

interface ResumeColumn extends HelpOfGoOn {
  readonly by: "resume";
  /** Its value where it is not given. @default as the run was begun; a switch is off */
  readonly default?: string;
  /** Whether it belongs to the model, and does not go over to another one. @default false */
  readonly isOfModel?: boolean;
}

interface RetryColumn extends HelpOfGoOn {
  readonly by: "retry-failed";
  /** What of the questions a new value changes. `tokens` are more or fewer. */
  readonly changes: "model" | "tokens" | "sampling" | "reasoning" | "context";
  readonly isOfModel?: boolean;
}

/** Rows of options by the names of their values. */
export type Flags = Readonly<Record<string, Flag<unknown>>>;
/** Rows of options of a job by the names of their values. */
export type JobFlags = Readonly<Record<string, JobFlag<unknown>>>;

/** A row of a table of options. It does not compile where a column is missing or does not fit its kind. */
export function flag<T, const D extends Default<T>>(row: Flag<T, D>): Flag<T, D> {
  return row;
}

/** A row of the table of `text` and `data`. */
export function jobFlag<T, const D extends Default<T>, const G extends GoOn>(
  row: JobFlag<T, D, G>,
): JobFlag<T, D, G> {
  return row;
}

type ValueOf<F> = F extends { readonly kind: Kind<infer T> } ? T : never;
type IsOptional<F> = F extends { readonly default: infer D } ? (undefined extends D ? true : false) : never;

/** The options that a command gets: one without a default may be missing. */
export type ValuesOf<F> = {
  readonly [K in keyof F as IsOptional<F[K]> extends true ? never : K]: ValueOf<F[K]>;
} & {
  readonly [K in keyof F as IsOptional<F[K]> extends true ? K : never]?: ValueOf<F[K]> | undefined;
};

/** The names of the options that `retry-failed`, or also `resume`, takes. */
export type NamesBy<F, By extends "resume" | "retry-failed"> = {
  [K in keyof F]: F[K] extends { readonly goOn: { readonly by: By } } ? K : never;
}[keyof F];

/** The names of the options that belong to a model. */
export type NamesOfModel<F> = {
  [K in keyof F]: F[K] extends { readonly goOn: { readonly isOfModel: true } } ? K : never;
}[keyof F];

/** `-o, --output <file>` → `--output`. */
export function longOf({ flag: text }: Pick<Flag<unknown>, "flag">): string {
  return /--[a-z-]+/.exec(text)?.[0] ?? text;
}
