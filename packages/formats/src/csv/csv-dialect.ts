import { ParrotError } from "@parallel-parrot/core";
import { requireDelimiter } from "./require-delimiter.ts";

/** How a user asks CSV text to be read. */
export interface CsvDialectOptions {
  /**
   * One character between cells.
   * @default found from the header and the first rows: `,` for CSV and a tab for TSV, where these give a table or
   * nothing else does; else `;`, a tab, `|` or `,`
   */
  readonly delimiter?: string;
  /** `false` takes quotes as ordinary characters. @default true */
  readonly quotes?: boolean;
  /**
   * A character that, in front of a quote, a delimiter or itself, takes its meaning from it, such as a backslash. A
   * quote that is doubled is a quote in any case. @default none
   */
  readonly escape?: string;
  /** The character by which a line begins that is a comment and is left out. @default none: every line is data */
  readonly comment?: string;
  /** How many lines above the header are left out, such as a title. @default 0 */
  readonly skipLines?: number;
  /**
   * What to do with a row that has fewer cells than the header: stop, or fill it with empty cells. A row with
   * more cells is an error, unless these are empty. @default "pad"; with `strict` "error"
   */
  readonly ragged?: "error" | "pad";
  /**
   * Whether to refuse whatever RFC 4180 does not know, which is otherwise read in the only way that makes sense and
   * told in `notes`; and not to look for a delimiter. @default false
   */
  readonly strict?: boolean;
  /** What to do with a header name that comes again: call it `name_2`, or stop. @default "rename" */
  readonly duplicateHeaders?: "rename" | "error";
}

/** How a CSV text is to be read. */
export interface CsvDialect {
  /** `undefined` where it is to be found. */
  readonly delimiter: string | undefined;
  /** What separates cells where nothing says otherwise. */
  readonly usualDelimiter: string;
  readonly quotes: boolean;
  /** What takes the meaning from the character behind it, besides the quote that is doubled. */
  readonly escape: string | undefined;
  readonly comment: string | undefined;
  readonly skipLines: number;
  readonly strict: boolean;
  readonly ragged: "error" | "pad";
  readonly duplicateHeaders: "rename" | "error";
}

/** The dialect that options ask for. @throws ParrotError `INVALID_OPTION` for options that contradict each other */
export function dialectOf(options: CsvDialectOptions, usualDelimiter: string): CsvDialect {
  const { delimiter, quotes = true, escape, comment, strict = false } = options;
  if (delimiter !== undefined) requireDelimiter(delimiter);
  const taken = new Set([delimiter ?? usualDelimiter, "\n", "\r", " "]);
  for (const [option, character] of Object.entries({ escape, comment })) {
    if (character === undefined) continue;
    if (character.length !== 1 || taken.has(character) || (option === "comment" && character === '"')) {
      throw cannotUse(
        option,
        `expected one character with no other meaning, got ${JSON.stringify(character)}`,
      );
    }
    taken.add(character);
  }
  if (escape !== undefined && !quotes) throw cannotUse("escape", "there is nothing to escape without quotes");
  return {
    delimiter,
    usualDelimiter,
    quotes,
    // A doubled quote is a quote in any case.
    escape: escape === '"' ? undefined : escape,
    comment,
    skipLines: options.skipLines ?? 0,
    strict,
    ragged: options.ragged ?? (strict ? "error" : "pad"),
    duplicateHeaders: options.duplicateHeaders ?? "rename",
  };
}

function cannotUse(option: string, problem: string): ParrotError {
  return new ParrotError("INVALID_OPTION", `Cannot use the option ${option}: ${problem}`, { option });
}
