import { plainJson, stringifyJson } from "@parallel-parrot/core";
import { JsonStreamStringify } from "json-stream-stringify";

const PIECE_LENGTH = 64 * 1024;

/**
 * The JSON text of a value, which is that of core's `stringifyJson`, in pieces: a large one is never in memory whole.
 * Nothing for what JSON has no form for.
 *
 * @throws TypeError where the value has a circular reference, and what a `toJSON` of it throws; before the first piece
 */
export function* jsonPieces(value: unknown): Generator<string, void, undefined> {
  const plain = plainOrNot(value);
  if (typeof plain !== "object" || plain === null) {
    const json = stringifyJson(value);
    if (json !== undefined) yield json;
    return;
  }
  const stream = new JsonStreamStringify(plain, undefined, undefined, false, PIECE_LENGTH);
  // A plain value has nothing to wait for: each read gives the next piece, and null behind the last one.
  for (let piece = read(stream); piece !== null; piece = read(stream)) yield piece;
}

/** The stream has an encoding, so that it gives text. */
function read(stream: JsonStreamStringify): string | null {
  return stream.read() as string | null;
}

/** json-stream-stringify keeps each key that it has ever written, for all of the process. So many characters it may keep. */
const MAX_KEPT_LENGTH = 2 ** 20;
const keptKeys = new Set<string>();
let keptLength = 0;

/** The value made plain; `undefined` where it is for core to write, or to say why it cannot be written. */
function plainOrNot(value: unknown): unknown {
  try {
    return plainJson(value, { onKey: keepKey });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function keepKey(key: string): void {
  if (keptKeys.has(key)) return;
  if (keptLength + key.length > MAX_KEPT_LENGTH) throw new RangeError("there are too many keys");
  keptKeys.add(key);
  // An entry takes room besides its text.
  keptLength += key.length + 16;
}
