import { hash } from "node:crypto";

/** Bytes of a hash that decide: as many as a number holds exactly. */
const HASH_BYTES = 6;

/** A number from 0 up to 1 that a text always has, and that is as good as random. */
export function placeOfText(text: string): number {
  return hash("sha256", text, "buffer").readUIntBE(0, HASH_BYTES) / 2 ** (8 * HASH_BYTES);
}
