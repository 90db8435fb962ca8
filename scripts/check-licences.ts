/** Checks that every dependency, direct or not, has a licence that we may use; `--list` prints them. */
import { spawnSync } from "node:child_process";

/** What we build and test with may have any of these; none asks anything of those who use the packages. */
const ALLOWED: ReadonlySet<string> = new Set([
  "MIT",
  "ISC",
  "0BSD",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "Apache-2.0",
  "BlueOak-1.0.0",
  "Unlicense",
  "CC0-1.0",
  "(AFL-2.1 OR BSD-3-Clause)",
  // Tools alone: nothing of theirs is in a package.
  "MPL-2.0",
]);

interface Dependency {
  readonly name: string;
  readonly versions: readonly string[];
}

const { status, stdout, stderr } = spawnSync("pnpm", ["-r", "licenses", "list", "--json"], {
  encoding: "utf8",
});
if (status !== 0) throw new Error(`Cannot list the licences: ${stderr}`);
const byLicence = JSON.parse(stdout) as Readonly<Record<string, readonly Dependency[]>>;

const refused: string[] = [];
for (const [licence, dependencies] of Object.entries(byLicence)) {
  for (const { name, versions } of dependencies) {
    if (process.argv.includes("--list")) console.log(`${licence}\t${name}@${versions.join(", ")}`);
    if (!ALLOWED.has(licence)) refused.push(`${name}@${versions.join(", ")}: ${licence}`);
  }
}
if (refused.length > 0) {
  console.error(`These dependencies have a licence that is not allowed:\n${refused.join("\n")}`);
  process.exitCode = 1;
}
