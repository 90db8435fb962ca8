import type { Row } from "@parallel-parrot/core";
import type { LineageColumns } from "./explode-options.ts";

/** Shows an intersection as one object type. */
type Simplify<T> = { [K in keyof T]: T[K] } & {};

/** The value that an option has, or all that it may have. */
type OptionOf<O, Name extends string, Default> = Name extends keyof O
  ? undefined extends O[Name]
    ? Exclude<O[Name], undefined> | Default
    : O[Name]
  : Default;

/** The policies that `onFailure` can choose. */
type PolicyOf<OnFailure> = OnFailure extends (...given: never) => infer Policy ? Policy : OnFailure;

/** `null` where a row without outputs, or one that `when` of `pipeline` lets pass, can come out. */
type NullOf<O> = O extends { readonly when: string | ((row: never) => boolean) } ? null : NullOfOptions<O>;

type NullOfOptions<O> = "null" extends
  | OptionOf<O, "empty", "null">
  | PolicyOf<OptionOf<O, "onFailure", "drop">>
  ? null
  : never;

/** A cell of an output, or what `mapCell` makes of it. */
type CellOf<O, Cell> = O extends { readonly mapCell: (cell: never) => infer Mapped } ? Mapped : Cell;

type Kept<R, Keep> = Keep extends "all"
  ? R
  : Keep extends readonly (infer Column)[]
    ? Pick<R, Column & keyof R>
    : unknown;

type Named<L, Part extends keyof LineageColumns, Default extends string> = L extends {
  readonly [P in Part]: infer Name extends string;
}
  ? Name
  : Default;

type Lineage<L, Null> = L extends false
  ? unknown
  : Record<Named<L, "row", "_row">, number> &
      Record<Named<L, "choice", "_choice"> | Named<L, "item", "_item">, number | Null> &
      Record<Named<L, "warnings", "_warnings">, string | null>;

/** The first of `Name_2`, `Name_3` … that is not taken. */
type FreeName<
  Name extends string,
  Taken,
  Count extends 0[] = [0, 0],
> = `${Name}_${Count["length"]}` extends Taken
  ? FreeName<Name, Taken, [...Count, 0]>
  : `${Name}_${Count["length"]}`;

type Suffixed<Old, New> = string extends keyof Old | keyof New
  ? New
  : { [C in keyof New as C extends keyof Old & string ? FreeName<C, keyof Old | keyof New> : C]: New[C] };

type Placed<Old, New, Policy> = Policy extends "suffix"
  ? Old & Suffixed<Old, New>
  : Policy extends "overwrite"
    ? Omit<Old, keyof New> & New
    : Policy extends "error"
      ? Old & New
      : Old & Omit<New, keyof Old>;

/**
 * What `explode` makes of an input row `R` and outputs `T` with options `O`. Where the columns of `R` are not
 * known, neither are collisions: a column of `T` may then hold the input's cell.
 */
export type ExplodedRow<R extends Row, T extends Row, O = {}> = Simplify<
  Placed<
    Kept<R, OptionOf<O, "keep", "all">>,
    { [C in keyof T]: CellOf<O, T[C]> | NullOf<O> } & Lineage<OptionOf<O, "lineage", false>, NullOf<O>>,
    OptionOf<O, "collision", "suffix">
  >
>;
