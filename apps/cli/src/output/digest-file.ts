import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import type { InputDigest } from "@parallel-parrot/formats";

/** Size and hash of a regular file; `undefined` where there is none. */
export async function digestFile(path: string): Promise<InputDigest | undefined> {
  const status = await stat(path).catch(() => undefined);
  if (status?.isFile() !== true) return undefined;
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return { bytes: status.size, sha256: hash.digest("hex") };
}
