const WORDS = 4;
const FIRST_CAPACITY = 1024;
const EMPTY = -1;

/**
 * The different 128-bit hashes that were added last, up to a number, in at most 32 bytes each outside the JavaScript
 * heap. When it is full, a new hash takes the place of the one that was added longest ago.
 */
export class RecentHashes {
  readonly #maxSize: number;
  /** The hashes in the order in which they were added. It is a ring once it is full. */
  #words: Uint32Array;
  /** Open addressing with linear probing: positions in the ring, or `EMPTY`. */
  #slots: Int32Array;
  #size = 0;
  #oldest = 0;
  /** How many were forgotten, as others took their place. */
  forgotten = 0;

  constructor(maxSize: number) {
    this.#maxSize = maxSize;
    const capacity = Math.min(maxSize, FIRST_CAPACITY);
    this.#words = new Uint32Array(capacity * WORDS);
    this.#slots = emptySlots(capacity);
  }

  /** Adds a hash of at least 16 bytes; `false` where it was there already. */
  add(hash: Uint8Array): boolean {
    const words = new Uint32Array(hash.buffer.slice(hash.byteOffset, hash.byteOffset + 4 * WORDS));
    if (this.#slots[this.#find(words)] !== EMPTY) return false;
    const position = this.#makeRoom();
    this.#words.set(words, position * WORDS);
    this.#slots[this.#find(words)] = position;
    return true;
  }

  /** A free position in the ring. */
  #makeRoom(): number {
    if (this.#size === this.#maxSize) {
      const position = this.#oldest;
      this.#remove(position);
      this.forgotten += 1;
      this.#oldest = (position + 1) % this.#maxSize;
      return position;
    }
    if (this.#size * WORDS === this.#words.length) this.#grow();
    this.#size += 1;
    return this.#size - 1;
  }

  #grow(): void {
    const capacity = Math.min(this.#size * 2, this.#maxSize);
    const words = new Uint32Array(capacity * WORDS);
    words.set(this.#words);
    this.#words = words;
    this.#slots = emptySlots(capacity);
    for (let position = 0; position < this.#size; position++) {
      this.#slots[this.#find(this.#hashAt(position))] = position;
    }
  }

  /** The slot of a hash, or the empty one where it belongs. */
  #find(hash: Uint32Array): number {
    const mask = this.#slots.length - 1;
    let slot = (hash[0] ?? 0) & mask;
    for (;;) {
      const position = this.#slots[slot] ?? EMPTY;
      if (position === EMPTY || this.#isAt(position, hash)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  /** Empties a slot and moves up those that were pushed past it. */
  #remove(position: number): void {
    const mask = this.#slots.length - 1;
    let hole = this.#find(this.#hashAt(position));
    for (let slot = (hole + 1) & mask; ; slot = (slot + 1) & mask) {
      const other = this.#slots[slot] ?? EMPTY;
      if (other === EMPTY) break;
      const home = (this.#words[other * WORDS] ?? 0) & mask;
      if (((slot - home) & mask) >= ((slot - hole) & mask)) {
        this.#slots[hole] = other;
        hole = slot;
      }
    }
    this.#slots[hole] = EMPTY;
  }

  #hashAt(position: number): Uint32Array {
    return this.#words.subarray(position * WORDS, (position + 1) * WORDS);
  }

  #isAt(position: number, hash: Uint32Array): boolean {
    const start = position * WORDS;
    return (
      this.#words[start] === hash[0] &&
      this.#words[start + 1] === hash[1] &&
      this.#words[start + 2] === hash[2] &&
      this.#words[start + 3] === hash[3]
    );
  }
}

/** A table in which never more than half of the slots are taken. */
function emptySlots(capacity: number): Int32Array {
  return new Int32Array(2 ** Math.ceil(Math.log2(capacity * 2))).fill(EMPTY);
}
