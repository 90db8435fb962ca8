import { clip, ParrotError } from "@parallel-parrot/core";
import { placeholderOf, templateOf, type Placeholder, type Template } from "./template.ts";
import type { TemplateColumns } from "./template-columns.ts";

const NAME = /[_A-Za-z][_A-Za-z0-9]*/y;
/** The characters that a backslash in braces makes ordinary. Before any other, the backslash is ordinary itself. */
const ESCAPABLE = new Set(["}", "{", ":", "\\"]);

/**
 * Parses a template in the syntax of Python's `string.Template`: `$name`, `${name}`, and `$$` for a dollar
 * sign. Braces take any column name (`${Product name}`), a path of own properties and array indexes
 * (`${authors.0.name}`) and a default for a missing value (`${name:-none}`). In braces, a backslash makes `}`, `{`,
 * `:` and `\` ordinary characters. Blank lines before and after the template are dropped. Takes linear time.
 *
 * @throws ParrotError `INVALID_TEMPLATE` for any other `$`, with its line and column.
 */
export function parseTemplate<const Text extends string>(text: Text): Template<TemplateColumns<Text>> {
  return parseLabelled(text, "the template");
}

/** {@linkcode parseTemplate}; error messages call the template `label`. */
export function parseLabelled(text: string, label: string): Template {
  const parts: (string | Placeholder)[] = [];
  let end = 0;
  for (let start = text.indexOf("$"); start !== -1; start = text.indexOf("$", end)) {
    parts.push(text.slice(end, start));
    const { part, next } = readPlaceholder(text, start, label);
    parts.push(part);
    end = next;
  }
  parts.push(text.slice(end));
  return templateOf(parts);
}

interface Reading {
  readonly part: string | Placeholder;
  /** Where the text after the placeholder begins. */
  readonly next: number;
}

function readPlaceholder(text: string, start: number, label: string): Reading {
  const after = text[start + 1];
  if (after === "$") return { part: "$", next: start + 2 };
  if (after === "{") return readBraced(text, start, label);
  NAME.lastIndex = start + 1;
  const name = NAME.exec(text)?.[0];
  if (name !== undefined) return { part: placeholderOf(name), next: NAME.lastIndex };
  throw invalid(text, start, label, `stray "$"`);
}

function readBraced(text: string, start: number, label: string): Reading {
  let name: string | undefined;
  let current = "";
  for (let i = start + 2; i < text.length; i++) {
    const character = text[i] ?? "";
    const next = text[i + 1] ?? "";
    if (character === "\\" && ESCAPABLE.has(next)) {
      current += next;
      i += 1;
    } else if (character === "}") {
      if ((name ?? current) === "") throw invalid(text, start, label, "no column name between the braces");
      return {
        part: name === undefined ? placeholderOf(current) : placeholderOf(name, current),
        next: i + 1,
      };
    } else if (character === "$" && next === "{") {
      break;
    } else if (character === ":" && next === "-" && name === undefined) {
      name = current;
      current = "";
      i += 1;
    } else {
      current += character;
    }
  }
  throw invalid(text, start, label, `"\${" is never closed`);
}

function invalid(text: string, start: number, label: string, cause: string): ParrotError {
  const line = text.slice(0, start).split("\n").length;
  const column = start - text.lastIndexOf("\n", start - 1);
  const excerpt = JSON.stringify(clip(text.slice(start, start + 21), 20));
  return new ParrotError(
    "INVALID_TEMPLATE",
    `Cannot parse ${label}: ${cause} at line ${line}, column ${column}, before ${excerpt}; ` +
      `write "$$" for a dollar sign, "\${name}" for a column`,
    { line },
  );
}
