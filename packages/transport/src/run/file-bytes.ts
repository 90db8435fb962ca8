import { readSync, writeSync } from "node:fs";

/** Writes all bytes to a place in a file. @throws the system's error, such as `ENOSPC` */
export function writeBytes(file: number, bytes: Buffer, at: number): void {
  for (let written = 0; written < bytes.length;)
    written += writeSync(file, bytes, written, bytes.length - written, at + written);
}

/** Reads so many bytes from a place in a file. @throws an error where it has fewer, or the system's */
export function readBytes(file: number, at: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  for (let read = 0; read < length;) {
    const count = readSync(file, bytes, read, length - read, at + read);
    if (count === 0) throw new Error("it was cut off");
    read += count;
  }
  return bytes;
}
