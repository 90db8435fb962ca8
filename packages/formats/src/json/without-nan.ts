/** A text in which the numbers without a value are null. */
interface WithoutNan {
  readonly text: string;
  readonly count: number;
  /** The first of them. */
  readonly first: string;
}

/** A string, which is passed over, also where it has no end, or a number without a value. */
const STRING_OR_NAN = /"[^"\\]*(?:\\[^][^"\\]*)*"?|-?\bInfinity\b|\bNaN\b/g;

/**
 * A JSON text with null in place of `NaN`, `Infinity` and `-Infinity`, which Python's `json` writes; `undefined` where
 * it has none.
 */
export function withoutNan(text: string): WithoutNan | undefined {
  if (!/NaN|Infinity/.test(text)) return undefined;
  let count = 0;
  let first: string | undefined;
  const replaced = text.replaceAll(STRING_OR_NAN, (match) => {
    if (match.startsWith('"')) return match;
    count += 1;
    first ??= match;
    return "null";
  });
  return first === undefined ? undefined : { text: replaced, count, first };
}
