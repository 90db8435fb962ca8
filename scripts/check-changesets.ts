/** Checks that changesets name packages that are published: a release takes no other, and stops at it. */
import { globSync, readFileSync } from "node:fs";
import { publishedFolders, readManifest } from "./packages/published.ts";

const names = new Set(publishedFolders().map((folder) => readManifest(folder).name));
for (const path of globSync(".changeset/*.md")) {
  const [, head = ""] = readFileSync(path, "utf8").split(/^---$/m);
  const entries = head.trim().split("\n");
  for (const entry of entries) {
    const [, name = "", bump = ""] = /^"(.+)": (major|minor|patch)$/.exec(entry) ?? [];
    if (names.has(name) && bump !== "") continue;
    console.log(`${path} has the line ${entry}, which is no published package with major, minor or patch`);
    process.exitCode = 1;
  }
}
