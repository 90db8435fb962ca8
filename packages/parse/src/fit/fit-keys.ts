import { setCell, type Row } from "@parallel-parrot/core";
import type { Changes } from "./changes.ts";
import type { KnownKeys } from "./known-keys.ts";

/**
 * An object with its keys as they were asked for: one in another case or style gets its name, where no other key of
 * the object and no other name would fit. The object itself where there is nothing to change.
 *
 * @param mayRename whether a name may be given to a key that is not known
 */
export function fitKeys(
  object: Row,
  known: KnownKeys,
  changes: Changes,
  mayRename: (name: string) => boolean = () => true,
): Row {
  const names = renamedKeys(object, known, mayRename);
  if (names === undefined) return object;
  const fitted: Row = {};
  for (const [key, value] of Object.entries(object)) {
    const name = names.get(key) ?? key;
    if (name !== key) changes.add(`the key ${JSON.stringify(key)} as ${JSON.stringify(name)}`);
    setCell(fitted, name, value);
  }
  return fitted;
}

function renamedKeys(
  object: Row,
  known: KnownKeys,
  mayRename: (name: string) => boolean,
): ReadonlyMap<string, string> | undefined {
  const own = Object.keys(object);
  if (own.every((key) => known.has(key))) return undefined;
  const unknown = own.filter((key) => !known.has(key));
  // Where all names are present, any further keys are other keys.
  if (known.names.every((name) => Object.hasOwn(object, name))) return undefined;
  const keys = Map.groupBy(unknown, (key) => known.nameFor(key));
  const names = new Map<string, string>();
  for (const [name, [key, ...others]] of keys) {
    const isOnly = name !== undefined && key !== undefined && others.length === 0;
    if (isOnly && !Object.hasOwn(object, name) && mayRename(name)) names.set(key, name);
  }
  return names.size === 0 ? undefined : names;
}
