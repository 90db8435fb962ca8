import type { Amendment } from "@parallel-parrot/providers";

const WORDS: Readonly<Record<Amendment, string>> = {
  "omit:n": "several answers in one request",
  "json:loose": "a strict schema",
  "json:object": "a schema: JSON mode, and the schema in words",
  "json:tool": "a schema: it was given to a tool",
  "json:instructions": "a schema: it was put in words",
  "system:developer": "a system message: it was the developer's",
  "system:user": "a system message: it was put before the question",
};

/** What requests leave out since the model refused it, in words. A parameter that was only renamed is not told. */
export function describeAmendments(amendments: readonly Amendment[]): readonly string[] {
  return amendments
    .filter((amendment) => !amendment.startsWith("use:"))
    .map((amendment) => WORDS[amendment] ?? amendment.replace(/^omit:/, ""));
}
