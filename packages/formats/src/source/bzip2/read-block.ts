import type { BitReader } from "./bit-reader.ts";
import { Bzip2Error } from "./bzip2-error.ts";
import { HuffmanCode, MAX_CODE_BITS } from "./huffman-code.ts";
import { moveToFront } from "./move-to-front.ts";

/** A block, whose bytes come in the order in which each entry of its table names the next. */
export interface Block {
  /** For each byte: its value in the lowest eight bits, and above them the place of the next. */
  readonly entries: Uint32Array;
  /** The place of the first byte. */
  readonly first: number;
}

/** How many symbols have the same code, before another may be chosen. */
const GROUP = 50;

const MAX_CODES = 6;

/** Others may follow, which have no meaning. */
const MAX_SELECTORS = 18_002;

/** A run longer than any block. */
const MAX_RUN = 2 ** 21;

/**
 * Reads a block behind its checksum.
 *
 * @param room for its entries: as many as the level of compression allows
 */
export function readBlock(bits: BitReader, room: Uint32Array): Block {
  if (bits.read(1) === 1)
    throw new Bzip2Error(
      "a randomized block, as bzip2 0.9.0 and older wrote it; pack it anew with a later version",
    );
  const origin = bits.read(24);
  const values = readValues(bits);
  const codeCount = bits.read(3);
  const selectors = readSelectors(bits, codeCount);
  const codes = Array.from({ length: codeCount }, () => readCode(bits, values.length + 2));
  const length = readBytes(bits, { values, selectors, codes }, room);
  if (origin >= length) throw new Bzip2Error("impossible beginning of a block");
  return linked(room.subarray(0, length), origin);
}

/** The values that bytes of the block have, in their order. */
function readValues(bits: BitReader): Uint8Array {
  const values: number[] = [];
  const ranges = bits.read(16);
  for (let range = 0; range < 16; range++) {
    if ((ranges & (0x8000 >>> range)) === 0) continue;
    const used = bits.read(16);
    for (let each = 0; each < 16; each++)
      if ((used & (0x8000 >>> each)) !== 0) values.push(range * 16 + each);
  }
  if (values.length === 0) throw new Bzip2Error("a block without values");
  return Uint8Array.from(values);
}

/** Which code each group of symbols has. */
function readSelectors(bits: BitReader, codeCount: number): Uint8Array {
  const count = bits.read(15);
  if (codeCount < 2 || codeCount > MAX_CODES || count === 0)
    throw new Bzip2Error("impossible number of codes");
  const recent = Uint8Array.from({ length: codeCount }, (_, code) => code);
  const selectors = new Uint8Array(Math.min(count, MAX_SELECTORS));
  for (let index = 0; index < count; index++) {
    let place = 0;
    while (bits.read(1) === 1) place += 1;
    const selector = moveToFront(recent, place);
    if (index < selectors.length) selectors[index] = selector;
  }
  return selectors;
}

function readCode(bits: BitReader, symbolCount: number): HuffmanCode {
  const lengths = new Uint8Array(symbolCount);
  let length = bits.read(5);
  for (let symbol = 0; symbol < symbolCount; symbol++) {
    while (bits.read(1) === 1) length += bits.read(1) === 1 ? -1 : 1;
    if (length < 1 || length > MAX_CODE_BITS) throw new Bzip2Error("impossible length of a symbol");
    lengths[symbol] = length;
  }
  return new HuffmanCode(lengths);
}

/** What the symbols of a block are read by. */
interface Coding {
  readonly values: Uint8Array;
  readonly selectors: Uint8Array;
  readonly codes: readonly HuffmanCode[];
}

/**
 * Reads the bytes of a block, in the order in which they were sorted, and gives how many there are. Symbols 0 and 1
 * are digits of how often the latest byte comes again, the last one ends the block, the others are places in the list
 * of the latest bytes.
 */
function readBytes(bits: BitReader, { values, selectors, codes }: Coding, room: Uint32Array): number {
  const latest = Uint8Array.from(values);
  const end = values.length + 1;
  let length = 0;
  let run = 0;
  let digit = 1;
  for (const selector of selectors) {
    const code = codes[selector];
    if (code === undefined) break;
    for (let index = 0; index < GROUP; index++) {
      const symbol = code.read(bits);
      if (symbol < 2) {
        run += digit << symbol;
        digit <<= 1;
        if (digit > MAX_RUN) throw new Bzip2Error("a block is too long");
        continue;
      }
      if (length + run + (symbol === end ? 0 : 1) > room.length) throw new Bzip2Error("a block is too long");
      if (run > 0) {
        room.fill(latest[0] ?? 0, length, length + run);
        length += run;
        [run, digit] = [0, 1];
      }
      if (symbol === end) return length;
      room[length] = moveToFront(latest, symbol - 1);
      length += 1;
    }
  }
  throw new Bzip2Error("a block without an end");
}

/** Undoes the sorting: a byte is followed by the one at the place that it has among all bytes in their order. */
function linked(entries: Uint32Array, origin: number): Block {
  const places = new Uint32Array(256);
  for (const value of entries) places[value] = (places[value] ?? 0) + 1;
  let sum = 0;
  for (const [value, count] of places.entries()) {
    places[value] = sum;
    sum += count;
  }
  for (let index = 0; index < entries.length; index++) {
    const value = (entries[index] ?? 0) & 0xff;
    const place = places[value] ?? 0;
    places[value] = place + 1;
    entries[place] = (entries[place] ?? 0) | (index << 8);
  }
  return { entries, first: (entries[origin] ?? 0) >>> 8 };
}
