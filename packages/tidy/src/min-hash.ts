import { hash } from "node:crypto";

/** Characters of a shingle: texts are compared by all runs of so many characters in them. */
const SHINGLE = 5;
/** Numbers of a signature. An estimate of a likeness of 0.9 by 128 of them has a standard deviation of 0.027. */
export const SIGNATURE_LENGTH = 128;
/** Steps of the two sequences that make 128 hashes of one. They are odd, so no hash is lost. */
const [MULTIPLIERS, ADDENDS] = [oddNumbers("multipliers"), oddNumbers("addends")];

/**
 * A short likeness of a text: the share of numbers that two signatures have in common in the same place is about the
 * share of shingles that the texts have in common. Case, punctuation and how words are spaced do not count.
 */
export function signatureOf(text: string): Uint16Array {
  const smallest = new Uint32Array(SIGNATURE_LENGTH).fill(2 ** 32 - 1);
  for (const shingle of shinglesOf(text)) {
    const value = hashOf(shingle);
    for (let place = 0; place < SIGNATURE_LENGTH; place++) {
      const mixed = mix(Math.imul(value, MULTIPLIERS[place] ?? 1) + (ADDENDS[place] ?? 0));
      if (mixed < (smallest[place] ?? 0)) smallest[place] = mixed;
    }
  }
  // Half of the memory; two different numbers are the same then once in 65,536 times.
  return Uint16Array.from(smallest, (number) => number & 0xffff);
}

function shinglesOf(text: string): ReadonlySet<string> {
  const plain = text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}]+/gu, " ")
    .trim();
  const shingles = new Set<string>();
  for (let start = 0; start + SHINGLE <= plain.length; start++)
    shingles.add(plain.slice(start, start + SHINGLE));
  return shingles.size === 0 ? new Set([plain]) : shingles;
}

/** FNV-1a over the code units. */
function hashOf(text: string): number {
  let value = 0x811c9dc5;
  for (let position = 0; position < text.length; position++)
    value = Math.imul(value ^ text.charCodeAt(position), 0x01000193);
  return value;
}

/** Spreads the bits of a number, as MurmurHash3 does in the end. */
function mix(number: number): number {
  let value = number ^ (number >>> 16);
  value = Math.imul(value, 0x85ebca6b);
  value ^= value >>> 13;
  value = Math.imul(value, 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}

/** Numbers that are the same in every run. */
function oddNumbers(name: string): Uint32Array {
  return Uint32Array.from({ length: SIGNATURE_LENGTH }, (_, place) => {
    return (hash("sha256", `${name} ${place}`, "buffer").readUInt32LE(0) | 1) >>> 0;
  });
}
