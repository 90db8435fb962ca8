/** The name of a column of a sheet, such as `AB`, by its place, counted from 0. */
export function columnName(place: number): string {
  const rest = Math.floor(place / 26);
  return `${rest === 0 ? "" : columnName(rest - 1)}${String.fromCharCode(65 + (place % 26))}`;
}

/** The place of the column that a reference such as `AB12` names, counted from 0; -1 where it names none. */
export function columnPlace(reference: string): number {
  let count = 0;
  for (const character of reference) {
    const letter = (character.charCodeAt(0) & ~32) - 64;
    if (letter < 1 || letter > 26) break;
    count = count * 26 + letter;
  }
  return count - 1;
}

/** More than any reference has; digits without an end would be counted again from each of them. */
const MAX_REFERENCE = 32;

/** The row that a reference such as `AB12` names, counted from 1; `NaN` where it names none. */
export function lineOf(reference: string): number {
  return Number(/(?<!\d)\d+$/.exec(reference.slice(-MAX_REFERENCE))?.[0]);
}
