import { ParrotError, rowName, setCell, type Row } from "@parallel-parrot/core";

/**
 * What to do with a new column whose name an input column has already:
 *
 * - `"suffix"`: the new one is called `name_2`, or the next free number;
 * - `"overwrite"`: the new cell takes the place of the old;
 * - `"keep"`: the old cell stays, the new one is lost;
 * - `"error"`: the run fails with `INVALID_OPTION`.
 */
export type Collision = "suffix" | "overwrite" | "keep" | "error";

/** The four policies, for checking options. */
export const COLLISIONS: readonly Collision[] = ["suffix", "overwrite", "keep", "error"];

/** Final names of the new columns that collide; `undefined` for a column that is left out. */
export type Renamed = ReadonlyMap<string, string | undefined>;

const NONE: Renamed = new Map();

/** Gives new columns that collide their final names. It looks at this row alone. */
export function resolveCollisions(
  collision: Collision,
  added: ReadonlySet<string>,
  isTaken: (column: string) => boolean,
  index: number,
): Renamed {
  if (collision === "overwrite") return NONE;
  let renamed: Map<string, string | undefined> | undefined;
  const used = new Set<string>();
  for (const column of added) {
    if (!isTaken(column)) continue;
    if (collision === "error") throw collisionError(column, index);
    renamed ??= new Map();
    if (collision === "keep") {
      renamed.set(column, undefined);
      continue;
    }
    const name = freeName(column, (name) => isTaken(name) || added.has(name) || used.has(name));
    used.add(name);
    renamed.set(column, name);
  }
  return renamed ?? NONE;
}

/** The first of `name_2`, `name_3` … that is not taken. */
export function freeName(name: string, isTaken: (name: string) => boolean): string {
  for (let number = 2; ; number++) {
    const candidate = `${name}_${number}`;
    if (!isTaken(candidate)) return candidate;
  }
}

/** Adds cells to a row under their final names. */
export function addCells(row: Row, cells: Row, renamed: Renamed): void {
  for (const column of Object.keys(cells)) {
    const name = renamed.has(column) ? renamed.get(column) : column;
    if (name !== undefined) setCell(row, name, cells[column]);
  }
}

function collisionError(column: string, index: number): ParrotError {
  return new ParrotError(
    "INVALID_OPTION",
    `Cannot add the column ${JSON.stringify(column)} to ${rowName(index)}: the input has a column of that name; ` +
      `set collision to "suffix", "overwrite" or "keep"`,
    { option: "collision", row: index, column },
  );
}
