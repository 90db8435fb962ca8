import { printable } from "./report.ts";

/** What the parser of the command line adds in a line of its own. */
const SUGGESTION = "\n(Did you mean ";

/**
 * The parser's message about a command line, which repeats the words that it was given: among them may be the name of a
 * stranger's file, by a pattern of the shell, and a name can have in it what a terminal obeys.
 */
export function describeMisuse(message: string): string {
  const said = message.replace(/^error: /, "parrot: ").trimEnd();
  const end = said.lastIndexOf(SUGGESTION);
  const lines = end < 0 ? [said] : [said.slice(0, end), said.slice(end + 1)];
  return `${lines.map((line) => printable(line)).join("\n")}\n`;
}
