/**
 * Checks that a package is published with its sources, what was built of them, and what tells of it: nothing that
 * only tests use, and nothing that an earlier build has left.
 */
import { spawnSync } from "node:child_process";
import { isTest, staleOutput } from "./stale-output.ts";

const folder = process.argv[2] ?? ".";
const { stdout, stderr, status } = spawnSync("npm pack --dry-run --json", {
  shell: true,
  cwd: folder,
  encoding: "utf8",
});
if (status !== 0) throw new Error(stderr);
const stale = new Set(staleOutput(folder).map((path) => path.slice(`${folder}/`.length)));
const odd = filesOf(JSON.parse(stdout)).filter((path) => stale.has(path) || isTest(path) || !isWanted(path));
for (const path of odd)
  console.log(`${folder}/${path} is not part of the package, but would be published with it`);
if (odd.length > 0) process.exitCode = 1;

function isWanted(path: string): boolean {
  return (
    /^(?:src|dist)\//.test(path) ||
    /^[^/]+\.schema\.json$/.test(path) ||
    ["package.json", "README.md", "LICENSE", "CHANGELOG.md"].includes(path)
  );
}

/** The files in what npm tells: a list with one entry, or an object with one. */
function filesOf(told: unknown): readonly string[] {
  const [entry]: readonly unknown[] = Object.values(Object(told));
  const files: unknown = Reflect.get(Object(entry), "files");
  if (!Array.isArray(files) || files.length === 0) throw new Error(`npm lists no files: ${stdout}`);
  return files.map((file: unknown) => String(Reflect.get(Object(file), "path")));
}
