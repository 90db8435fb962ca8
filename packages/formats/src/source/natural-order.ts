/**
 * Compares names as people order them: numbers by their value, so that `part-2` comes before `part-10`, and all else by
 * the codes of its characters. The same on every machine, whatever its language.
 */
export function naturalOrder(one: string, other: string): number {
  const [first, second] = [one.split(/(\d+)/), other.split(/(\d+)/)];
  for (let place = 0; place < Math.min(first.length, second.length); place += 1) {
    const [left, right] = [first[place] ?? "", second[place] ?? ""];
    // What stands at an odd place is a number.
    const order = place % 2 === 0 ? codeOrder(left, right) : numberOrder(left, right);
    if (order !== 0) return order;
  }
  return first.length - second.length || codeOrder(one, other);
}

/** Numbers of any length: the one with more digits is larger. */
function numberOrder(one: string, other: string): number {
  const [first, second] = [one.replace(/^0+/, ""), other.replace(/^0+/, "")];
  return first.length - second.length || codeOrder(first, second);
}

function codeOrder(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
