import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Kept between runs. */
const FOLDER = join(import.meta.dirname, "../../node_modules/.cache/ancestor");
const PYTHON = join(FOLDER, "bin/python");

/** The Python that has the ancestor, in a virtual environment of its own. @throws where it cannot be installed */
export async function installAncestor(): Promise<string> {
  if (existsSync(join(FOLDER, "installed"))) return PYTHON;
  await run("python3", ["-m", "venv", FOLDER]);
  await run(PYTHON, ["-m", "pip", "install", "--quiet", "parallel-parrot==0.9.0"]);
  await run(PYTHON, [
    "-c",
    `import parallel_parrot; open(${JSON.stringify(join(FOLDER, "installed"))}, "w")`,
  ]);
  return PYTHON;
}
