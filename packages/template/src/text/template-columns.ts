type CharacterOf<Text extends string> = Text extends `${infer First}${infer Rest}`
  ? First | CharacterOf<Rest>
  : never;
type Letter = CharacterOf<"abcdefghijklmnopqrstuvwxyz">;
type NameCharacter = "_" | Letter | Uppercase<Letter> | CharacterOf<"0123456789">;

/** Splits `text` into the name it begins with and the rest. */
type TakeName<Text extends string, Name extends string = ""> = Text extends `${infer First}${infer Rest}`
  ? First extends NameCharacter
    ? TakeName<Rest, `${Name}${First}`>
    : [Name, Text]
  : [Name, ""];

/**
 * The columns of `C` that types can check. Left out are names that are known only at run time, and paths: a path may
 * be the whole name of a column, or begin with another column.
 */
export type KnownColumns<C extends string> = string extends C
  ? never
  : C extends `${string}.${string}`
    ? never
    : C;

type BracedColumn<Body extends string> = Body extends `${string}${":-" | "\\"}${string}`
  ? never
  : KnownColumns<Body>;

/**
 * The columns that a template needs, read from its literal type, without paths and columns that have a default.
 * `never` for a `string` that is known only at run time.
 *
 * @example
 * ```ts
 * import type { TemplateColumns } from "@parallel-parrot/template";
 *
 * const column: TemplateColumns<"Summarise ${text} for $audience"> = "text"; // "text" | "audience"
 * ```
 */
export type TemplateColumns<Text extends string, Found extends string = never> = string extends Text
  ? never
  : Text extends `${string}$${infer Rest}`
    ? Rest extends `$${infer After}`
      ? TemplateColumns<After, Found>
      : Rest extends `{${infer Body}}${infer After}`
        ? TemplateColumns<After, Found | BracedColumn<Body>>
        : TakeName<Rest> extends [infer Name extends string, infer After extends string]
          ? TemplateColumns<After, Found | Name>
          : never
    : Found;
