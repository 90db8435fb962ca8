/**
 * A space, `_`, `-`, or `\_` as Markdown has it, between two words, and no sign: not between digits, and not before the
 * first or after the last.
 */
const SEPARATOR = /(?<=[\p{L}\p{N}])(?:\s+|\\?_|-)(?=[\p{L}\p{N}])/gu;
const BETWEEN_DIGITS = /^\p{N}{2}$/u;

/**
 * A name as it is compared: without spaces around it, in lower case, and without what stands between its words, so
 * that `firstName`, `First Name` and `first_name` are one. What may carry a meaning stays: `-1` is not `1`, `A-` is
 * not `A`, and `1-2` is not `12`.
 */
export function foldName(name: string): string {
  const folded = name.normalize("NFKC").trim().toLowerCase();
  return folded.replaceAll(SEPARATOR, (separator, at: number) => {
    const around = `${folded.charAt(at - 1)}${folded.charAt(at + separator.length)}`;
    return BETWEEN_DIGITS.test(around) ? separator : "";
  });
}
