import { copyFileSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { documentPage, type Page } from "./document-page.ts";
import { shownFor, type Shown } from "./page-path.ts";
import { namesIn, PAGES, REPOSITORY } from "./repository.ts";
import { folderPage, sourcePage } from "./source-page.ts";

/** Documents that are pages whether or not another one links to them. */
const DOCUMENTS = [
  "*.md",
  "docs/{*,decisions/*,site/guides/*}.md",
  "packages/*/README.md",
  "apps/*/README.md",
  "examples/*.md",
];

/** Writes the pages of all documents and of all that they link to, and tells how many there are of each kind. */
export function writePages(): ReadonlyMap<Shown["kind"], number> {
  const counts = new Map<Shown["kind"], number>();
  const written = new Set<string>();
  const waiting = globSync(DOCUMENTS, { cwd: REPOSITORY }).toSorted().map(existing);
  for (let shown = waiting.pop(); shown !== undefined; shown = waiting.pop()) {
    if (written.has(shown.page)) continue;
    written.add(shown.page);
    waiting.push(...writePage(shown));
    counts.set(shown.kind, (counts.get(shown.kind) ?? 0) + 1);
  }
  return counts;
}

function existing(path: string): Shown {
  const shown = shownFor(path);
  if (shown === undefined) throw new Error(`${path} is gone`);
  return shown;
}

/** Writes one page, and returns what it links to. */
function writePage(shown: Shown): readonly Shown[] {
  const source = join(REPOSITORY, shown.path);
  const target = join(PAGES, shown.page);
  mkdirSync(dirname(target), { recursive: true });
  if (shown.kind === "picture") {
    copyFileSync(source, target);
    return [];
  }
  const { text, linked } = pageOf(shown, source);
  writeFileSync(target, text);
  return linked;
}

function pageOf(shown: Shown, source: string): Page {
  if (shown.kind === "folder") return folderPage(shown, namesIn(shown.path));
  const text = readFileSync(source, "utf8");
  return shown.kind === "document" ? documentPage(shown, text) : sourcePage(shown, text);
}
