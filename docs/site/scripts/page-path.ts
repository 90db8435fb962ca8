import { posix } from "node:path";
import { entryAt } from "./repository.ts";

const GUIDES = "docs/site/guides/";
const PICTURE = /\.(?:png|svg|jpe?g|gif|webp)$/;

/** What the site shows of a path of the repository, and where. */
export interface Shown {
  readonly kind: "document" | "source" | "folder" | "picture";
  /** What is shown: for a folder with a README, that. */
  readonly path: string;
  /** The page or picture, from the folder of pages. */
  readonly page: string;
}

/** Says what a link to a path of the repository leads to, or nothing where there is no such path. */
export function shownFor(path: string): Shown | undefined {
  const entry = entryAt(path);
  if (entry === "nothing") return undefined;
  if (entry === "folder") {
    const readme = posix.join(path, "README.md");
    if (entryAt(readme) === "file") return shownFor(readme);
    return { kind: "folder", path, page: posix.join("source", plain(path), "index.md") };
  }
  if (path.endsWith(".md")) return { kind: "document", path, page: pageOfDocument(path) };
  if (PICTURE.test(path)) return { kind: "picture", path, page: path };
  return { kind: "source", path, page: posix.join("source", `${plain(path)}.md`) };
}

function pageOfDocument(path: string): string {
  if (path.startsWith(GUIDES)) return `guides/${path.slice(GUIDES.length)}`;
  return path.replace(/(?<=^|\/)README\.md$/, "index.md");
}

/** A name with a full stop would be taken for that of a file, not of a page. */
function plain(path: string): string {
  return path.replaceAll(".", "-");
}
