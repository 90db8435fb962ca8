/**
 * The cells of a column, or of what lies in one, in a record batch. What Arrow libraries of JavaScript keep in their
 * tables has the same members.
 */
export interface ArrowArray {
  readonly length: number;
  /** Where the first cell lies in what has a bit for each cell; everything else begins with it. */
  readonly offset: number;
  /** A bit for each cell that is not null; empty where none is null. */
  readonly nullBitmap: Uint8Array;
  readonly values?: ArrayBufferView | undefined;
  readonly valueOffsets?: ArrayBufferView | undefined;
  /** How many items each list of a view has. */
  readonly sizes?: ArrayBufferView | undefined;
  readonly typeIds?: ArrayBufferView | undefined;
  /** What the views of texts and bytes look into. */
  readonly variadicBuffers?: readonly Uint8Array[] | undefined;
  readonly children: readonly ArrowArray[];
  readonly dictionary?: { readonly data: readonly ArrowArray[] } | undefined;
}

/** Some rows of a table: an array for each column. */
export interface ArrowBatch {
  readonly length: number;
  readonly columns: readonly ArrowArray[];
}

interface Numbers<T> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): T;
}

/** Bytes as numbers of some kind, without a copy where they lie as these must. */
export function numbersOf<T>(values: ArrayBufferView | undefined, Kind: Numbers<T>): T {
  const { BYTES_PER_ELEMENT: size } = Kind;
  const { buffer, byteOffset, byteLength } = values ?? new Uint8Array();
  if (byteOffset % size === 0) return new Kind(buffer, byteOffset, Math.floor(byteLength / size));
  const copy = new Uint8Array(buffer, byteOffset, byteLength).slice();
  return new Kind(copy.buffer, 0, Math.floor(byteLength / size));
}

/** The bytes of what may be seen as other numbers. */
export function bytesOf(values: ArrayBufferView | undefined): Uint8Array {
  if (values === undefined) return new Uint8Array();
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** Whether a bit is set, counted from the lowest of the first byte. */
export function bitAt(bits: Uint8Array, place: number): boolean {
  return (((bits[place >> 3] ?? 0) >> (place & 7)) & 1) === 1;
}

/** So many bits, as `bitAt` reads them. */
export function bitsOf(length: number, isSet: (place: number) => boolean): Uint8Array {
  const bits = new Uint8Array(Math.ceil(length / 8));
  for (let place = 0; place < length; place += 1)
    if (isSet(place)) bits[place >> 3] = (bits[place >> 3] ?? 0) | (1 << (place & 7));
  return bits;
}

/** Where a cell begins or ends in what lies behind offsets of 32 or 64 bits. */
export function offsetsOf({ valueOffsets }: ArrowArray, large: boolean): (place: number) => number {
  if (!large) {
    const offsets = numbersOf(valueOffsets, Int32Array);
    return (place) => offsets[place] ?? 0;
  }
  const offsets = numbersOf(valueOffsets, BigInt64Array);
  return (place) => Number(offsets[place] ?? 0n);
}

/** The number of the first of some runs that ends behind a place, by where each ends; their count where none does. */
export function runAt(count: number, end: (run: number) => number, place: number): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (end(middle) > place) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The offsets of cells that lie one behind the other, as `offsetsOf` reads them. */
export function offsetsOfCells(
  cells: readonly { readonly length: number }[],
  large: boolean,
): ArrayBufferView {
  const offsets = new Float64Array(cells.length + 1);
  let end = 0;
  for (const [place, { length }] of cells.entries()) offsets[place + 1] = end += length;
  return large ? BigInt64Array.from(offsets, BigInt) : new Int32Array(offsets);
}
