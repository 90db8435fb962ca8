import { readFile } from "node:fs/promises";

/** A file of the page. */
export interface PageFile {
  readonly type: string;
  readonly bytes: Buffer;
}

/** The files of the page by their paths. What is not among them is not served: no path is made of what is asked for. */
const FILES: Readonly<Record<string, readonly [name: string, type: string]>> = {
  "/": ["index.html", "text/html; charset=utf-8"],
  "/page.js": ["page.js", "text/javascript; charset=utf-8"],
  "/page.css": ["page.css", "text/css; charset=utf-8"],
};

/** Where the build has put the page; the sources are run from `src`, beside it. */
const FOLDER = new URL("../../dist/page/", import.meta.url);

/** Reads the page. @throws where it was not built */
export async function readPage(): Promise<ReadonlyMap<string, PageFile>> {
  const files = Object.entries(FILES).map(async ([path, [name, type]]) => {
    const bytes = await readFile(new URL(name, FOLDER));
    return [path, { type, bytes }] as const;
  });
  return new Map(await Promise.all(files));
}
