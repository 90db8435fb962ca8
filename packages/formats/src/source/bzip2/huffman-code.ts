import type { BitReader } from "./bit-reader.ts";
import { Bzip2Error } from "./bzip2-error.ts";

/** The most bits of a symbol. */
export const MAX_CODE_BITS = 20;

/** Symbols of at most so many bits are found in a table at once; a larger one would not stay in the cache. */
const TABLE_BITS = 10;

/**
 * A canonical Huffman code: the symbols of each length are numbered in their order, and go on where those that are a
 * bit shorter ended.
 */
export class HuffmanCode {
  /** For the next bits, the symbol and its length in five bits; 0 for a longer symbol. */
  readonly #table = new Uint16Array(1 << TABLE_BITS);
  /** The symbols, by length. */
  readonly #symbols: Uint16Array;
  /** For each length, the number behind its last symbol. */
  readonly #ends = new Int32Array(MAX_CODE_BITS + 1);
  /** For each length, what is to be added to a number to find its symbol. */
  readonly #offsets = new Int32Array(MAX_CODE_BITS + 1);

  /** @param lengths how many bits each symbol has */
  constructor(lengths: Uint8Array) {
    const symbols: number[] = [];
    let number = 0;
    for (let length = 1; length <= MAX_CODE_BITS; length++) {
      number <<= 1;
      this.#offsets[length] = symbols.length - number;
      for (let symbol = 0; symbol < lengths.length; symbol++) {
        if (lengths[symbol] !== length) continue;
        if (number >= 1 << length) throw new Bzip2Error("impossible lengths of symbols");
        const free = TABLE_BITS - length;
        if (free >= 0) {
          this.#table.fill((symbol << 5) | length, number << free, (number + 1) << free);
        }
        symbols.push(symbol);
        number += 1;
      }
      this.#ends[length] = number;
    }
    this.#symbols = Uint16Array.from(symbols);
  }

  /** Reads the next symbol. */
  read(bits: BitReader): number {
    // What follows the last symbol of a block is longer than any symbol.
    const entry = this.#table[bits.peek(TABLE_BITS)] ?? 0;
    if (entry === 0) return this.#readLong(bits);
    bits.skip(entry & 31);
    return entry >>> 5;
  }

  #readLong(bits: BitReader): number {
    const next = bits.peek(MAX_CODE_BITS);
    for (let length = TABLE_BITS + 1; length <= MAX_CODE_BITS; length++) {
      const number = next >>> (MAX_CODE_BITS - length);
      if (number >= (this.#ends[length] ?? 0)) continue;
      bits.skip(length);
      return this.#symbols[number + (this.#offsets[length] ?? 0)] ?? 0;
    }
    throw new Bzip2Error("unknown symbol");
  }
}
