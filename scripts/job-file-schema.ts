/**
 * Writes the JSON Schema of job files, by which editors check and complete them, from the table of options; with `--check`
 * it only tells whether it is up to date.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { jobFileSchema } from "../apps/cli/src/job-file/job-file-schema.ts";

const FILE = "apps/cli/job-file.schema.json";

const written = `${JSON.stringify(jobFileSchema(), null, 2)}\n`;
const isFresh = readFileSync(FILE, { encoding: "utf8", flag: "a+" }) === written;
if (!isFresh && process.argv.includes("--check")) {
  console.error(`The JSON Schema ${FILE} is stale; run: node scripts/job-file-schema.ts`);
  process.exitCode = 1;
} else if (!isFresh) {
  writeFileSync(FILE, written);
}
