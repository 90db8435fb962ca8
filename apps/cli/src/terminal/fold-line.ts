/** From here on there are characters that take two columns. Lines with such are left to the terminal. */
const FIRST_WIDE = /[\u1100-\u{10ffff}]/u;
/** Punctuation among these that takes one. */
const NARROW = /[‐-‧‰-⁞€→]/gu;

/** How much further in the lines are that follow the first. */
const INDENT = "  ";

/**
 * A line in lines of at most so many columns, broken between words. A command at its end stays in one piece, and so does
 * a word that is wider than a line.
 */
export function foldLine(line: string, columns: number): string {
  if (line.length <= columns || FIRST_WIDE.test(line.replace(NARROW, ""))) return line;
  const indent = /^ */.exec(line)?.[0] ?? "";
  const command = commandAtEnd(line);
  const prose = line.slice(indent.length, line.length - command.length);
  const lines = [indent];
  for (const piece of [...prose.split(/(?<= )(?! )/), command]) {
    const last = lines.at(-1) ?? "";
    const isFirst = last.trim() === "";
    if (isFirst || (last + piece).trimEnd().length <= columns) lines[lines.length - 1] = last + piece;
    else if (piece !== "") lines.push(`${indent}${INDENT}${piece}`);
  }
  return lines.map((each) => each.trimEnd()).join("\n");
}

/**
 * The command that a line ends with, which a person copies: a line break in it would run its first half. Empty where more
 * words follow it.
 */
function commandAtEnd(line: string): string {
  const before = Math.max(line.lastIndexOf(": parrot "), line.lastIndexOf("; parrot "));
  const command = before === -1 ? "" : line.slice(before + 2);
  const isOnly = command.split(/['"]/).every((part, at) => at % 2 === 1 || !/[,;]/.test(part));
  return isOnly ? command : "";
}
