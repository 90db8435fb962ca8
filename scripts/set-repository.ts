/**
 * Writes into every published package.json where the repository is, from what a workflow of GitHub knows of itself.
 * npm proves the origin of a package only where this names the repository that publishes it, so a release runs it
 * before it packs, and no fork has the address of another.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { publishedFolders } from "./packages/published.ts";

const { GITHUB_SERVER_URL: server = "https://github.com", GITHUB_REPOSITORY: repository } = process.env;
if (repository === undefined)
  throw new Error("GITHUB_REPOSITORY is not set: it is OWNER/NAME of the repository");
const address = `${server}/${repository}`;

for (const directory of publishedFolders()) {
  const path = `${directory}/package.json`;
  const manifest: unknown = JSON.parse(readFileSync(path, "utf8"));
  const origin = {
    homepage: `${address}/tree/main/${directory}#readme`,
    bugs: `${address}/issues`,
    repository: { type: "git", url: `git+${address}.git`, directory },
  };
  writeFileSync(path, `${JSON.stringify({ ...Object(manifest), ...origin }, null, 2)}\n`);
}
