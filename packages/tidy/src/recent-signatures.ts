import { SIGNATURE_LENGTH } from "./min-hash.ts";

const FIRST_CAPACITY = 1024;
/**
 * Most signatures that a new one is compared with, those added last. Texts made from one template have bands in common
 * without being like each other: without a bound, each would be compared with all before it.
 */
const MOST_COMPARED = 4096;
/** So likely a text of just the least likeness is found among those that are compared. */
const FOUND = 0.995;

/**
 * The signatures that were added last, up to a number, and which of them are like another one. Those that agree in all
 * numbers of a band of their signature are compared; how long a band is follows from the least likeness. In at most
 * 256 bytes and 12 bytes for each band, each.
 */
export class RecentSignatures {
  readonly #maxSize: number;
  /** Most places in which two like signatures differ. */
  readonly #maxDifferent: number;
  readonly #bandLength: number;
  readonly #bands: number;
  #capacity: number;
  #signatures: Uint16Array;
  /** For each band, a table of chains: the number of the signature added last, counted from 1; 0 for none. */
  #heads: Uint32Array;
  /** For each band and signature, the number of the one before it in its chain. */
  #previous: Uint32Array;
  #added = 0;
  #compared = 0;
  #partly = 0;

  /** @param least the share of shingles from which on two texts are like each other */
  constructor(maxSize: number, least: number) {
    this.#maxSize = maxSize;
    this.#maxDifferent = Math.floor(SIGNATURE_LENGTH * (1 - least) + 1e-9);
    this.#bandLength = bandLengthOf(least);
    this.#bands = SIGNATURE_LENGTH / this.#bandLength;
    this.#capacity = Math.min(maxSize, FIRST_CAPACITY);
    this.#signatures = new Uint16Array(this.#capacity * SIGNATURE_LENGTH);
    this.#previous = new Uint32Array(this.#capacity * this.#bands);
    this.#heads = new Uint32Array(slotsOf(this.#capacity) * this.#bands);
  }

  /** How many were forgotten, as others took their place. */
  get forgotten(): number {
    return Math.max(0, this.#added - this.#maxSize);
  }

  /** How many were compared with the last 4,096 of those that had a band in common with them, and not with all. */
  get partlyCompared(): number {
    return this.#partly;
  }

  /** Adds a signature; `false` where one like it is there already. */
  add(signature: Uint16Array): boolean {
    const slots = this.#slotsOf(signature);
    this.#compared = 0;
    if (slots.some((slot, band) => this.#isLikeOneOf(slot, band, signature))) return false;
    if (this.#compared >= MOST_COMPARED) this.#partly += 1;
    if (this.#added === this.#capacity && this.#capacity < this.#maxSize) {
      this.#grow();
      this.#insert(signature, this.#slotsOf(signature));
    } else this.#insert(signature, slots);
    return true;
  }

  #insert(signature: Uint16Array, slots: readonly number[]): void {
    this.#added += 1;
    const position = (this.#added - 1) % this.#capacity;
    this.#signatures.set(signature, position * SIGNATURE_LENGTH);
    for (const [band, slot] of slots.entries()) {
      this.#previous[position * this.#bands + band] = this.#heads[slot] ?? 0;
      this.#heads[slot] = this.#added;
    }
  }

  /** Follows a chain, whose numbers only fall, as far as its signatures are remembered. */
  #isLikeOneOf(slot: number, band: number, signature: Uint16Array): boolean {
    const oldest = this.#added - this.#capacity;
    let number = this.#heads[slot] ?? 0;
    while (number > oldest && number > 0 && this.#compared < MOST_COMPARED) {
      this.#compared += 1;
      const position = (number - 1) % this.#capacity;
      if (this.#isLike(position * SIGNATURE_LENGTH, signature)) return true;
      number = this.#previous[position * this.#bands + band] ?? 0;
    }
    return false;
  }

  #isLike(start: number, signature: Uint16Array): boolean {
    let different = 0;
    for (let place = 0; place < SIGNATURE_LENGTH; place++) {
      if (this.#signatures[start + place] === signature[place]) continue;
      different += 1;
      if (different > this.#maxDifferent) return false;
    }
    return true;
  }

  /** The place of each band of a signature in the tables. */
  #slotsOf(signature: Uint16Array): readonly number[] {
    const perBand = this.#heads.length / this.#bands;
    return Array.from({ length: this.#bands }, (_, band) => {
      let value = 0x811c9dc5;
      for (let place = band * this.#bandLength; place < (band + 1) * this.#bandLength; place++)
        value = Math.imul(value ^ (signature[place] ?? 0), 0x01000193);
      value ^= value >>> 15;
      return band * perBand + ((value >>> 0) & (perBand - 1));
    });
  }

  /** Before anything is forgotten, so that each number is where it was. */
  #grow(): void {
    const signatures = this.#signatures;
    const count = this.#added;
    this.#capacity = Math.min(this.#capacity * 2, this.#maxSize);
    this.#signatures = new Uint16Array(this.#capacity * SIGNATURE_LENGTH);
    this.#previous = new Uint32Array(this.#capacity * this.#bands);
    this.#heads = new Uint32Array(slotsOf(this.#capacity) * this.#bands);
    this.#added = 0;
    for (let position = 0; position < count; position++) {
      const signature = signatures.subarray(position * SIGNATURE_LENGTH, (position + 1) * SIGNATURE_LENGTH);
      this.#insert(signature, this.#slotsOf(signature));
    }
  }
}

/** The longest band by which a text of just the least likeness is found as likely as it has to be. */
function bandLengthOf(least: number): number {
  const found = (length: number): number => 1 - (1 - least ** length) ** (SIGNATURE_LENGTH / length);
  return [16, 8, 4, 2].find((length) => found(length) >= FOUND) ?? 1;
}

function slotsOf(capacity: number): number {
  return 2 ** Math.ceil(Math.log2(capacity));
}
