import { Bzip2Error } from "./bzip2-error.ts";

/** Reads the bits of bytes, the highest of each byte first. */
export class BitReader {
  #bytes: Buffer = Buffer.alloc(0);
  /** The next byte that is not in `#window` yet. */
  #at = 0;
  /** Bits that were taken from the bytes; the lowest `#count` of them are still to be read. */
  #window = 0;
  #count = 0;

  /** How many whole bytes are still to be read. */
  get byteLength(): number {
    return this.#bytes.length - this.#at + (this.#count >>> 3);
  }

  append(chunks: readonly Uint8Array[]): void {
    this.#bytes = Buffer.concat([this.#bytes.subarray(this.#at), ...chunks]);
    this.#at = 0;
  }

  /** The next bits, at most 24 of them, which stay where they are. */
  peek(count: number): number {
    while (this.#count < count) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) throw new Bzip2Error("unexpected end");
      this.#window = (this.#window << 8) | byte;
      this.#count += 8;
      this.#at += 1;
    }
    return (this.#window >>> (this.#count - count)) & ((1 << count) - 1);
  }

  /** Goes over bits that were looked at. */
  skip(count: number): void {
    this.#count -= count;
  }

  /** The next bits, at most 24 of them. */
  read(count: number): number {
    const bits = this.peek(count);
    this.#count -= count;
    return bits;
  }

  /** The next 48 bits. */
  readLong(): number {
    return this.read(24) * 2 ** 24 + this.read(24);
  }

  /** The next 32 bits, as a signed number. */
  readChecksum(): number {
    return (this.read(16) << 16) | this.read(16);
  }

  /** Goes to the next whole byte. */
  align(): void {
    this.#count -= this.#count % 8;
  }
}
