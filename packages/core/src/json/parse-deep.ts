import { randomUUID } from "node:crypto";
import { isObject } from "../cells/is-object.ts";

/** What becomes of each number, as with `JSON.parse`. */
type NumberReviver = (key: string, value: unknown, context: { readonly source: string }) => unknown;

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
  // A random mark: no text can have it.
  const mark = `${randomUUID()} `;
  return unmark(JSON.parse(markNumbers(text, mayChange, mark)), mark, revive);
}

/** The text with such numbers turned into strings that begin with a mark. */
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
