/**
 * Writes the JSON Schema of job files, by which editors check and complete them, from the table of options; with `--check`
 * it only tells whether it is up to date.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { jobFileSchema } from "../apps/cli/src/job-file/job-file-schema.ts";

const FILE = "apps/cli/job-file.schema.json";

const schema = jobFileSchema();
// The formatter breaks lines in its own way.
const isFresh = isDeepStrictEqual(readJson(FILE), JSON.parse(JSON.stringify(schema)));
if (!isFresh && process.argv.includes("--check")) {
  console.error(`The JSON Schema ${FILE} is stale; run: node scripts/job-file-schema.ts`);
  process.exitCode = 1;
} else if (!isFresh) {
  writeFileSync(FILE, `${JSON.stringify(schema, null, 2)}\n`);
}

function readJson(path: string): unknown {
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : undefined;
}
