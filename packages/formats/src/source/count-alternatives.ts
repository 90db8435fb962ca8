/**
 * How many patterns the braces of a pattern stand for, at most: `{a,b}{1..9}` for 18. Braces within braces count as if
 * they stood side by side.
 */
export function countAlternatives(pattern: string): number {
  let count = 1;
  for (const [, inner = ""] of pattern.matchAll(/\{([^{}]*)/g)) {
    const [, from, to] = /^(-?\d+)\.\.(-?\d+)/.exec(inner) ?? [];
    const isRange = from !== undefined && to !== undefined;
    count *= isRange ? Math.abs(Number(to) - Number(from)) + 1 : inner.split(",").length;
  }
  return count;
}
