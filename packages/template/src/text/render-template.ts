import { cellText, isObject, quote, quoteAll, type Row, rowName } from "@parallel-parrot/core";
import { RenderError } from "../render-error.ts";
import type { Placeholder, Template } from "./template.ts";

/**
 * Fills a template with the cells of a row, in one pass: a cell that looks like a placeholder is not filled again.
 * Text stays as it is, a `Date` becomes its ISO string, a bigint its digits, and anything else JSON. Null, undefined
 * and a column that does not exist are missing values; the empty string is a value.
 *
 * @param index 0-based position of the row, for messages.
 * @throws RenderError `MISSING_VALUE` where a value without a default is missing, `TEMPLATE_FAILED` where a
 * cell has no JSON.
 */
export function renderTemplate(template: Template<string>, row: Row, index?: number): string {
  let text = "";
  for (const part of template.parts) {
    text += typeof part === "string" ? part : renderPlaceholder(part, row, index);
  }
  return text;
}

/** Fills a template with what `textOf` gives for each placeholder. */
export function fillTemplate(
  template: Template<string>,
  textOf: (placeholder: Placeholder) => string,
): string {
  let text = "";
  for (const part of template.parts) text += typeof part === "string" ? part : textOf(part);
  return text;
}

/** A cell as a template shows it; `undefined` where its value is missing. @throws RenderError `TEMPLATE_FAILED` */
export function renderCell(
  placeholder: Placeholder,
  row: Row,
  index: number | undefined,
): string | undefined {
  const value = lookUp(placeholder, row);
  if (typeof value === "string") return value;
  return value === undefined || value === null ? undefined : textOf(value, placeholder, index);
}

function renderPlaceholder(placeholder: Placeholder, row: Row, index: number | undefined): string {
  const text = renderCell(placeholder, row, index) ?? placeholder.fallback;
  if (text !== undefined) return text;
  const cause =
    lookUp(placeholder, row) === null
      ? `${quote(placeholder.name)} is null`
      : `the row has no column ${quote(placeholder.name)}; its columns are ${quoteAll(Object.keys(row))}`;
  throw new RenderError("MISSING_VALUE", `Cannot render the template${ofRow(index)}: ${cause}`);
}

/** The value of a placeholder. A column with that whole name comes before a path. */
function lookUp({ name, path }: Placeholder, row: Row): unknown {
  if (Object.hasOwn(row, name)) return row[name];
  if (path === undefined) return undefined;
  let value: unknown = row;
  for (const key of path) {
    if (!isObject(value) || !Object.hasOwn(value, key)) return undefined;
    value = (value as Row)[key];
  }
  return value;
}

function textOf(value: unknown, { name }: Placeholder, index: number | undefined): string {
  let cause: unknown;
  try {
    const text = cellText(value);
    if (text !== undefined) return text;
  } catch (error) {
    cause = error;
  }
  const problem =
    value instanceof Date ? "is an invalid date" : `cannot be written as JSON (${typeof value})`;
  throw new RenderError(
    "TEMPLATE_FAILED",
    `Cannot render the template${ofRow(index)}: ${quote(name)} ${problem}`,
    { cause },
  );
}

/** Names the row for a message, such as ` of row 3`; empty where the row is not known. */
export function ofRow(index: number | undefined): string {
  return index === undefined ? "" : ` of ${rowName(index)}`;
}
