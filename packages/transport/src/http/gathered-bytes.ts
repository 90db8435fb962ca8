/** A smaller piece is copied: one that is kept by itself takes some two hundred bytes more, and what it is a part of. */
const SMALL_BYTES = 4096;
const BLOCK_BYTES = 4 * SMALL_BYTES;

/**
 * Gathers the pieces in which bytes come. A server may send each byte by itself, so that a body of some megabytes would
 * take gigabytes: small pieces are put together.
 */
export class GatheredBytes {
  readonly #blocks: Buffer[] = [];
  /** Where small pieces are put together. */
  #block: Buffer | undefined;
  #filled = 0;

  /** How many buffers hold what was added. */
  get blocks(): number {
    return this.#blocks.length + (this.#block === undefined ? 0 : 1);
  }

  add(piece: Buffer): void {
    // Most bodies come in one piece, which is not copied.
    if (piece.length >= SMALL_BYTES || this.blocks === 0) {
      this.#close();
      this.#blocks.push(piece);
      return;
    }
    if (this.#filled + piece.length > BLOCK_BYTES) this.#close();
    this.#block ??= Buffer.allocUnsafe(BLOCK_BYTES);
    this.#filled += piece.copy(this.#block, this.#filled);
  }

  /** All of it in one piece. */
  whole(): Buffer {
    this.#close();
    const [first] = this.#blocks;
    return first !== undefined && this.#blocks.length === 1 ? first : Buffer.concat(this.#blocks);
  }

  #close(): void {
    if (this.#block === undefined) return;
    const bytes = this.#block.subarray(0, this.#filled);
    // A block that is mostly empty is not kept.
    this.#blocks.push(this.#filled * 2 < BLOCK_BYTES ? Buffer.from(bytes) : bytes);
    this.#block = undefined;
    this.#filled = 0;
  }
}
