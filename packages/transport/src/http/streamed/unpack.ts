import { pipeline, Readable, type Transform } from "node:stream";
import { codingsOf, DEFLATE, GZIP, isGzip, RAW_DEFLATE, type ContentCoding } from "../content-codings.ts";
import { isTooLarge } from "../decompress.ts";
import { unpackError } from "../read-body.ts";

/**
 * Undoes the `content-encoding` of lines of JSON as they come. The bytes have the last word, as with a whole body: what
 * begins like JSON is taken as it is, and what begins like gzip is unpacked.
 *
 * @throws HttpError
 */
export function unpack(source: AsyncIterable<Buffer>, encoding: string): AsyncIterable<Buffer> {
  const { codings, unknown } = codingsOf(encoding);
  const fail = (error: unknown): never => {
    throw unpackError(
      isTooLarge(error) ? new RangeError(TOO_MUCH_MEMORY, { cause: error }) : error,
      encoding,
    );
  };
  const announced = codings.reduce(
    (chunks, coding) => undo(chunks, (start) => decoderOf(coding, start), fail),
    source,
  );
  return undo(
    announced,
    (start) => {
      if (isGzip(start)) return GZIP.stream();
      return unknown === undefined || isJson(start) ? undefined : fail(new TypeError(notKnown(unknown)));
    },
    fail,
  );
}

const TOO_MUCH_MEMORY = "Unpacking the response takes more memory than it may";

function notKnown(coding: string): string {
  return `it is encoded as "${coding}", which is not known`;
}

/** So many bytes tell how a body is packed. */
const START_BYTES = 4;

/** @param choose takes how the body begins, and returns what unpacks it; `undefined` to take it as it is */
async function* undo(
  source: AsyncIterable<Buffer>,
  choose: (start: Buffer) => Transform | undefined,
  fail: (error: unknown) => never,
): AsyncGenerator<Buffer> {
  const iterator = source[Symbol.asyncIterator]();
  let start: Buffer = Buffer.alloc(0);
  let isDone = false;
  while (start.length < START_BYTES && !isDone) {
    const next = await iterator.next();
    isDone = next.done === true;
    if (next.done !== true) start = Buffer.concat([start, next.value]);
  }
  if (start.length === 0) return;
  const whole = joined(start, iterator);
  let decoder: Transform | undefined;
  try {
    decoder = choose(start);
  } catch (error) {
    await iterator.return?.();
    throw error;
  }
  yield* decoder === undefined ? whole : through(whole, decoder, fail);
}

async function* joined(start: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield start;
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

async function* through(
  source: AsyncIterable<Buffer>,
  decoder: Transform,
  fail: (error: unknown) => never,
): AsyncGenerator<Buffer> {
  let cause: { readonly error: unknown } | undefined;
  const watched = async function* (): AsyncGenerator<Buffer> {
    try {
      yield* source;
    } catch (error) {
      cause = { error };
      throw error;
    }
  };
  pipeline(Readable.from(watched(), { highWaterMark: 1 }), decoder, () => undefined);
  try {
    yield* decoder as AsyncIterable<Buffer>;
  } catch (error) {
    if (cause !== undefined) throw cause.error;
    fail(error);
  }
}

function decoderOf(coding: ContentCoding, start: Buffer): Transform | undefined {
  if (isJson(start) || (coding === GZIP && !isGzip(start))) return undefined;
  return (coding === DEFLATE && !isZlib(start) ? RAW_DEFLATE : coding).stream();
}

const UTF8_MARK = Buffer.from("\uFEFF");
const BRACE = "{".codePointAt(0);

/** Whether these are the first bytes of a JSON object. Nothing that is packed begins so. */
function isJson(start: Buffer): boolean {
  return start[0] === BRACE || start.subarray(0, UTF8_MARK.length).equals(UTF8_MARK);
}

/** Whether these are the first bytes of what `deflate` is by its standard (RFC 1950). */
function isZlib(start: Buffer): boolean {
  const [first = 0, second = 0] = start;
  return (first & 0x0f) === 8 && (first * 256 + second) % 31 === 0;
}
