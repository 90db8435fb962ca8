import { open, rename } from "node:fs/promises";
import { nameWith } from "../output/formats-of.ts";

/**
 * Renames a file to make room for a new one: `out.failed.jsonl` becomes `out.failed.earlier-1.jsonl`, or gets the next
 * number that is free. Returns the new name.
 */
export async function setAside(path: string): Promise<string> {
  for (let number = 1; ; number++) {
    const name = nameWith(path, `earlier-${number}`);
    try {
      // This reserves the name or finds it taken, in one step.
      await (await open(name, "wx")).close();
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "EEXIST") continue;
      throw error;
    }
    await rename(path, name);
    return name;
  }
}
