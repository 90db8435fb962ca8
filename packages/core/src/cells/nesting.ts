import { isObject, isPlainObject } from "./is-object.ts";

/** Levels of lists and objects in a cell, at most: far from the end of any stack, and far beyond any use. */
export const MAX_NESTING = 1000;

/** A list or object on the way to what is looked at. */
interface Level {
  readonly value: object;
  readonly inner: Iterator<unknown>;
}

/**
 * Why plain data cannot be worked on: it is nested too deeply, or has a circular reference. Lists, plain objects, maps
 * and sets are looked into; instances of other classes, and objects with a `toJSON`, are not. Takes linear time, and
 * does not recurse.
 */
export function nestingProblem(value: unknown, maxLevels: number = MAX_NESTING): string | undefined {
  if (!isObject(value)) return undefined;
  const path: Level[] = [];
  const onPath = new Set<object>();
  /** Of each container that was found to be in order: how many levels it had above it then. */
  const known = new Map<object, number>();

  function enter(next: unknown): string | undefined {
    const inner = innerValues(next);
    if (inner === undefined) return undefined;
    const container = next as object;
    if (onPath.has(container)) return "has a circular reference";
    if ((known.get(container) ?? -1) >= path.length) return undefined;
    if (path.length >= maxLevels) return `is nested deeper than ${maxLevels} levels`;
    known.set(container, path.length);
    onPath.add(container);
    path.push({ value: container, inner: inner[Symbol.iterator]() });
    return undefined;
  }

  let problem = enter(value);
  for (let level = path.at(-1); level !== undefined && problem === undefined; level = path.at(-1)) {
    const next = level.inner.next();
    if (next.done === true) {
      path.pop();
      onPath.delete(level.value);
    } else problem = enter(next.value);
  }
  return problem;
}

/** The values inside a value; `undefined` for a value that is not looked into. */
function innerValues(value: unknown): Iterable<unknown> | undefined {
  if (!isObject(value)) return undefined;
  if (Array.isArray(value) || value instanceof Set) return value;
  if (value instanceof Map) return value.values();
  return isPlainObject(value) && typeof Reflect.get(value, "toJSON") !== "function"
    ? Object.values(value)
    : undefined;
}
