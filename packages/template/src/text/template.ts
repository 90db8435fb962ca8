declare const COLUMNS: unique symbol;

/** A place in a template that a cell fills. */
export interface Placeholder {
  /** A column, or a path such as `authors.0.name`. */
  readonly name: string;
  /** The segments of `name`, where it has a dot. */
  readonly path?: readonly string[];
  /** The text that stands in for a missing value. */
  readonly fallback?: string;
}

/**
 * A parsed template: make one with `parseTemplate` or the `template` tag.
 *
 * @typeParam C The columns that it needs, as far as types know them; `never` where they know none.
 */
export interface Template<C extends string = never> {
  readonly parts: readonly (string | Placeholder)[];
  /** Is never set: it exists for the type checker alone. */
  readonly [COLUMNS]?: C;
}

/** Makes the placeholder for a column or path. */
export function placeholderOf(name: string, fallback?: string): Placeholder {
  return {
    name,
    ...(name.includes(".") && { path: name.split(".") }),
    ...(fallback !== undefined && { fallback }),
  };
}

/** Makes a template of its parts, without the blank lines before and after it. */
export function templateOf(parts: readonly (string | Placeholder)[]): { parts: (string | Placeholder)[] } {
  const merged: (string | Placeholder)[] = [];
  let text = "";
  for (const part of parts) {
    if (typeof part === "string") {
      text += part;
      continue;
    }
    merged.push(merged.length === 0 ? withoutLeadingBlankLines(text) : text, part);
    text = "";
  }
  if (merged.length === 0) text = text.trim() === "" ? "" : withoutLeadingBlankLines(text);
  merged.push(withoutTrailingBlankLines(text));
  return { parts: merged.filter((part) => part !== "") };
}

function withoutLeadingBlankLines(text: string): string {
  const blank = text.length - text.trimStart().length;
  return blank === 0 ? text : text.slice(text.lastIndexOf("\n", blank - 1) + 1);
}

function withoutTrailingBlankLines(text: string): string {
  const newline = text.indexOf("\n", text.trimEnd().length);
  if (newline === -1) return text;
  return text.slice(0, text[newline - 1] === "\r" ? newline - 1 : newline);
}
