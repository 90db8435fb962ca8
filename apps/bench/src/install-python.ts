import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Kept between runs. */
const CACHE = join(import.meta.dirname, "../node_modules/.cache");

/**
 * The Python that has these packages, in a virtual environment of its own; `name` is that of its folder.
 *
 * @throws where it cannot be installed
 */
export async function installPython(name: string, packages: readonly string[]): Promise<string> {
  const folder = join(CACHE, name);
  const python = join(folder, "bin/python");
  const installed = join(folder, "installed");
  if (existsSync(installed)) return python;
  await run("python3", ["-m", "venv", folder]);
  await run(python, ["-m", "pip", "install", "--quiet", ...packages]);
  await writeFile(installed, packages.join("\n"));
  return python;
}
