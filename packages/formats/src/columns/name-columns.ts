import { invalidInput, type InputName } from "../source/input-name.ts";

/** The columns of a header: an unnamed one is called by its place, a repeated one gets a number. */
export function nameColumns(
  header: readonly string[],
  duplicateHeaders: "rename" | "error",
  name: InputName,
  line: number,
): readonly string[] {
  const given = new Set(header);
  const taken = new Set<string>();
  const columns: string[] = [];
  const numbers = new Map<string, number>();
  for (const [index, cell] of header.entries()) {
    let column = cell;
    if (cell === "") column = freeName(`column_${index + 1}`, 1, given, taken);
    else if (taken.has(cell)) {
      if (duplicateHeaders === "error") {
        throw invalidInput(
          name,
          { line },
          `the header names "${cell}" twice, in columns ${header.indexOf(cell) + 1} and ${index + 1}`,
        );
      }
      column = freeName(cell, numbers.get(cell) ?? 2, given, taken);
      // The next search goes on from here: a thousand equal names must not be a million steps.
      numbers.set(cell, Number(column.slice(cell.length + 1)) + 1);
    }
    taken.add(column);
    columns.push(column);
  }
  return columns;
}

/** `name`, `name_2`, `name_3`…: the first that is neither in the header nor given to another column. */
function freeName(
  name: string,
  first: number,
  given: ReadonlySet<string>,
  taken: ReadonlySet<string>,
): string {
  for (let number = first; ; number++) {
    const candidate = number === 1 ? name : `${name}_${number}`;
    if (!given.has(candidate) && !taken.has(candidate)) return candidate;
  }
}
