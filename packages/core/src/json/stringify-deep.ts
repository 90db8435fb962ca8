import { isBoxedPrimitive } from "node:util/types";
import { isObject } from "../cells/is-object.ts";
import { isWrittenNumber } from "./written-number.ts";

/** What becomes of each value before it is written, as with `JSON.stringify`. */
type Replacer = (key: string, value: unknown) => unknown;

/** No text that is small enough to be read has more levels. */
const MAX_LEVELS = 10_000_000;

/** A list or object that is being written. */
interface Frame {
  /** As it was given, before `toJSON` and the replacer. */
  readonly given: unknown;
  readonly value: object;
  readonly keys: readonly string[];
  readonly isList: boolean;
  next: number;
  isEmpty: boolean;
}

/**
 * `JSON.stringify` for values that are nested so deeply that it overflows the stack: slower, and as deep as memory
 * goes.
 *
 * @throws TypeError where the value has a circular reference; RangeError where a `toJSON` nests it without end
 */
export function stringifyDeep(value: unknown, replacer: Replacer, indent = 0): string | undefined {
  const frames: Frame[] = [];
  const open = new Set<unknown>();
  const pieces: string[] = [];

  /** Writes a value, or opens it if it has members. False for what has no JSON. */
  function write(key: string, given: unknown, prefix: string): boolean {
    const written = replacer(key, toJson(key, given));
    const isContainer = isObject(written) && !isWritten(written);
    if (!isContainer) {
      const json = JSON.stringify(written);
      if (json === undefined) return false;
      pieces.push(prefix, json);
      return true;
    }
    // The value as given: what replaces a map is a new object each time.
    if (open.has(given)) throw new TypeError("it has a circular reference");
    if (frames.length >= MAX_LEVELS) throw new RangeError(`it is nested deeper than ${MAX_LEVELS} levels`);
    open.add(given);
    const isList = Array.isArray(written);
    pieces.push(prefix, isList ? "[" : "{");
    const keys = isList ? Array.from(written.keys(), String) : Object.keys(written);
    frames.push({ given, value: written, keys, isList, next: 0, isEmpty: true });
    return true;
  }

  const lineAt = (depth: number): string => (indent === 0 ? "" : `\n${" ".repeat(indent * depth)}`);
  if (!write("", value, "")) return undefined;
  for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
    const key = frame.keys[frame.next];
    if (key === undefined) {
      frames.pop();
      open.delete(frame.given);
      pieces.push(frame.isEmpty ? "" : lineAt(frames.length), frame.isList ? "]" : "}");
      continue;
    }
    frame.next += 1;
    const before = `${frame.isEmpty ? "" : ","}${lineAt(frames.length)}`;
    const name = frame.isList ? "" : `${JSON.stringify(key)}:${indent === 0 ? "" : " "}`;
    const cell: unknown = Reflect.get(frame.value, key);
    if (write(key, cell, before + name)) frame.isEmpty = false;
    else if (frame.isList) {
      pieces.push(`${before}null`);
      frame.isEmpty = false;
    }
  }
  return pieces.join("");
}

function toJson(key: string, value: unknown): unknown {
  const hasOwn = isObject(value) || typeof value === "bigint";
  if (!hasOwn) return value;
  const method: unknown = Reflect.get(Object(value) as object, "toJSON");
  return typeof method === "function" ? (Reflect.apply(method, value, [key]) as unknown) : value;
}

/** What `JSON.stringify` writes by itself although it is an object. */
function isWritten(value: object): boolean {
  return isBoxedPrimitive(value) || isWrittenNumber(value);
}
