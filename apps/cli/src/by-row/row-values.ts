import { messageOf, ParrotError, quote, type Row } from "@parallel-parrot/core";
import { checkColumns, parseTemplate, renderTemplate } from "@parallel-parrot/template";
import type { GenerationParams } from "@parallel-parrot/providers";
import { longOf, type JobFlag } from "../flags/flag.ts";
import type { GenerateOptions } from "../flags/options.ts";
import { isRowKind, type RowKind } from "../flags/kinds/kind.ts";
import { JOB_ROWS } from "../flags/job-flags.ts";

/** An option that is a template, so that each row has a value of its own. */
export interface RowValue {
  /** The name of the option, as options of the command have it. */
  readonly name: string;
  /** The flag, for messages. */
  readonly flag: string;
  /** The template, as it was given. */
  readonly text: string;
  /** The value of a row; `undefined` where its text is empty. @throws Error that says what is wrong with it */
  of(row: Row): unknown;
  /** @throws ParrotError `MISSING_COLUMN` */
  requireColumns(columns: readonly string[]): void;
}

const ROW_ROWS: readonly (readonly [name: string, row: JobFlag<unknown>, kind: RowKind<unknown>])[] =
  JOB_ROWS.flatMap(([name, row]) => (isRowKind(row.kind) ? [[name, row, row.kind] as const] : []));

/** The parameters among these options that are templates. */
export function rowParamsIn(options: object): readonly RowValue[] {
  const values: Readonly<Record<string, unknown>> = { ...options };
  return ROW_ROWS.flatMap(([name, row, { ofRow }]) => {
    const text = values[name];
    return typeof text === "string"
      ? [rowValue(name, longOf(row), text, (filled) => ofRow.read(filled, undefined))]
      : [];
  });
}

/** Makes the value of an option that is a template. */
export function rowValue(
  name: string,
  flag: string,
  text: string,
  read: (filled: string) => unknown,
): RowValue {
  const template = parsed(flag, text);
  return {
    name,
    flag,
    text,
    of(row) {
      const filled = renderTemplate(template, row).trim();
      if (filled === "") return undefined;
      try {
        return read(filled);
      } catch (error) {
        throw new Error(`${quote(filled)} cannot be used: ${messageOf(error).replace(/\.$/, "")}`, {
          cause: error,
        });
      }
    },
    requireColumns: (columns) => requireColumns(flag, text, columns),
  };
}

/** The function that gives a row's own parameters to `pipeline`; `undefined` where rows have none. */
export function rowParamsOf(options: object): ((row: Row) => GenerationParams) | undefined {
  const values = rowParamsIn(options);
  if (values.length === 0) return undefined;
  return (row) => Object.fromEntries(values.map((value) => [value.name, checked(value, row)]));
}

/** The names of the options that may be a template instead of a number. */
type RowNumber = {
  [Name in keyof GenerateOptions]-?: string extends GenerateOptions[Name]
    ? number extends GenerateOptions[Name]
      ? Name
      : never
    : never;
}[keyof GenerateOptions];

/** The options with numbers alone, where rows may have values of their own. */
export type WithNumbers<O> = Omit<O, RowNumber> & { readonly [Name in RowNumber]?: number | undefined };

/** The options without those that are templates, which are no value of the run. */
export function withoutTemplates<O extends GenerateOptions>(options: O): WithNumbers<O> {
  const templates = Object.fromEntries(rowParamsIn(options).map(({ name }) => [name, undefined]));
  return { ...options, ...templates } as WithNumbers<O>;
}

function checked(value: RowValue, row: Row): unknown {
  try {
    return value.of(row);
  } catch (error) {
    throw new Error(`${value.flag} '${value.text}': ${messageOf(error)}`, { cause: error });
  }
}

function parsed(flag: string, text: string): ReturnType<typeof parseTemplate> {
  try {
    return parseTemplate(text);
  } catch (error) {
    throw new ParrotError("INVALID_TEMPLATE", `Cannot use ${flag} '${text}': ${messageOf(error)}`, {
      option: flag,
      cause: error,
    });
  }
}

function requireColumns(flag: string, text: string, columns: readonly string[]): void {
  try {
    checkColumns(text, columns);
  } catch (error) {
    throw new ParrotError("MISSING_COLUMN", `Cannot use ${flag} '${text}': ${messageOf(error)}`, {
      option: flag,
      cause: error,
    });
  }
}
