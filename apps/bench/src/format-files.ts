import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const OXFMT = join(import.meta.dirname, "../../../node_modules/.bin/oxfmt");

/** Formats written files as the repository's checks want them. */
export async function formatFiles(paths: readonly string[]): Promise<void> {
  await run(OXFMT, [...paths]);
}
