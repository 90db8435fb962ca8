import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";

/** A hash of a JSON Lines file that does not depend on the order of its rows. */
export async function hashRows(path: string): Promise<string> {
  const lines = (await readFile(path, "utf8")).split("\n").filter((line) => line !== "");
  // Written anew: another program may put blanks elsewhere.
  const rows = lines.map((line) => JSON.stringify(JSON.parse(line))).toSorted();
  return createHash("sha256").update(rows.join("\n")).digest("hex");
}
