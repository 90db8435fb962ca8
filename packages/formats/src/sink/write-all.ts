import type { FileHandle } from "node:fs/promises";

/**
 * Writes all of the bytes, from a position on or where the file stands. A full disk may show as a short write
 * with no error, so the count is checked.
 */
export async function writeAll(
  handle: FileHandle,
  bytes: Uint8Array,
  position: number | null,
): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    const at = position === null ? null : position + written;
    const { bytesWritten } = await handle.write(bytes, written, bytes.length - written, at);
    if (bytesWritten === 0) throw new Error("the operating system accepts no more bytes");
    written += bytesWritten;
  }
}
