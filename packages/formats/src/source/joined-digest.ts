import { createHash } from "node:crypto";
import type { InputDigest } from "./input-digest.ts";

/**
 * The digest of several inputs in their order: the SHA-256 of the list that `sha256sum` prints of them, so that a file
 * that is added, renamed or moved in the order changes it. Of a single input it is that input's own.
 */
export function joinedDigest(inputs: readonly (readonly [name: string, digest: InputDigest])[]): InputDigest {
  const [first, ...others] = inputs;
  if (first !== undefined && others.length === 0) return first[1];
  const hash = createHash("sha256");
  for (const [name, { sha256 }] of inputs) hash.update(`${sha256}  ${name}\n`);
  return { bytes: inputs.reduce((sum, [, { bytes }]) => sum + bytes, 0), sha256: hash.digest("hex") };
}
