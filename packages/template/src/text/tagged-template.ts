import { ParrotError } from "@parallel-parrot/core";
import { placeholderOf, templateOf, type Placeholder, type Template } from "./template.ts";
import type { KnownColumns } from "./template-columns.ts";

/**
 * A template as a tagged literal. Its interpolations are names of columns, or paths, with any characters, and
 * TypeScript checks them. The text between them stays as it is, also a `$`.
 *
 * @throws ParrotError `INVALID_TEMPLATE` for an interpolation that is no text
 *
 * @example
 * ```ts
 * import { template } from "@parallel-parrot/template";
 *
 * const prompt = template`Summarise ${"text"} for ${"audience"}`; // Template<"text" | "audience">
 * ```
 */
export function template<const C extends string>(
  texts: TemplateStringsArray,
  ...columns: readonly C[]
): Template<KnownColumns<C>> {
  const parts: (string | Placeholder)[] = [];
  for (const [position, text] of texts.entries()) {
    const column: unknown = columns[position - 1];
    if (position > 0) parts.push(placeholderOf(requireText("an interpolation", column)));
    parts.push(requireText("a text with a bad escape such as \\u", text));
  }
  return templateOf(parts);
}

function requireText(what: string, text: unknown): string {
  if (typeof text === "string") return text;
  throw new ParrotError(
    "INVALID_TEMPLATE",
    `Cannot read the template: ${what} is ${typeof text}; an interpolation must be a column name`,
  );
}
