import { randomUUID } from "node:crypto";
import { isBoxedPrimitive } from "node:util/types";
import { isObject } from "../is-object.ts";
import { isWrittenNumber } from "./written-number.ts";

/** What becomes of each value before it is written, as with `JSON.stringify`. */
type Replacer = (key: string, value: unknown) => unknown;
/** What becomes of each number, as with `JSON.parse`. */
type NumberReviver = (key: string, value: unknown, context: { readonly source: string }) => unknown;

/** No text of a size that is read has more. */
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
 * @throws TypeError where the value has a circle in it; RangeError where a `toJSON` makes ever more of it
 */
export function stringifyDeep(value: unknown, replacer: Replacer, indent = 0): string | undefined {
  const frames: Frame[] = [];
  const open = new Set<unknown>();
  const pieces: string[] = [];

  /** Writes a value, or opens it; false for what has no JSON. */
  function write(key: string, given: unknown, prefix: string): boolean {
    const written = replacer(key, toJson(key, given));
    const isContainer = isObject(written) && !isWritten(written);
    if (!isContainer) {
      const json = JSON.stringify(written);
      if (json === undefined) return false;
      pieces.push(prefix, json);
      return true;
    }
    // Each replacement of a map is an object of its own.
    if (open.has(given)) throw new TypeError("it has a circle in it");
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

const NUMBER = /-?\d[\d.eE+-]*/y;

/**
 * `JSON.parse` with a reviver of numbers, for a valid JSON text that is nested so deeply that it overflows the stack.
 *
 * @param mayChange whether a number of this text is for the reviver
 */
export function parseDeep(
  text: string,
  revive: NumberReviver,
  mayChange: (source: string) => boolean,
): unknown {
  // Nobody can have put it into a text.
  const mark = `${randomUUID()} `;
  return unmark(JSON.parse(markNumbers(text, mayChange, mark)), mark, revive);
}

/** The text with numbers made texts that begin with a mark. */
function markNumbers(text: string, mayChange: (source: string) => boolean, mark: string): string {
  const pieces: string[] = [];
  let copied = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === '"') {
      at = endOfString(text, at);
    } else if (character === "-" || (character >= "0" && character <= "9")) {
      NUMBER.lastIndex = at;
      const source = NUMBER.exec(text)?.[0] ?? character;
      if (mayChange(source)) {
        pieces.push(text.slice(copied, at), `"${mark}${source}"`);
        copied = at + source.length;
      }
      at += source.length - 1;
    }
  }
  pieces.push(text.slice(copied));
  return pieces.join("");
}

/** Index of the quote that ends a string which begins at `start`. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) return at;
    if (code === 0x5c) at += 1;
  }
  return text.length;
}

function unmark(value: unknown, mark: string, revive: NumberReviver): unknown {
  const root = { value };
  const open: object[] = [root];
  for (let container = open.pop(); container !== undefined; container = open.pop()) {
    for (const [key, cell] of Object.entries(container) as [string, unknown][]) {
      if (isObject(cell)) open.push(cell);
      else if (typeof cell === "string" && cell.startsWith(mark)) {
        const source = cell.slice(mark.length);
        const revived = revive(key, Number(source), { source });
        // An own `__proto__` stays one.
        Object.defineProperty(container, key, {
          value: revived,
          writable: true,
          enumerable: true,
          configurable: true,
        });
      }
    }
  }
  return root.value;
}
