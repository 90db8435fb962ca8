import { existsSync, globSync } from "node:fs";
import { basename } from "node:path";

/** What the compiler makes of a source: each file of `dist` has one of these ends in the place of `.ts`. */
const ENDS = /\.(?:d\.ts|js)(?:\.map)?$/;

/**
 * The built files of a package that no source makes: an earlier build left them when their source was moved or
 * removed. They would be published, and stand in for what is not there any more. A page is built as a whole, and is none of
 * them.
 */
export function staleOutput(folder: string): readonly string[] {
  const sources = new Set(
    globSync(`${folder}/src/**/*.ts`)
      .filter((path) => !isTest(path))
      .map((path) => path.slice(`${folder}/src/`.length, -".ts".length)),
  );
  return globSync(`${folder}/dist/**/*.*`).filter(
    (path) =>
      !(path.startsWith(`${folder}/dist/page/`) && existsSync(`${folder}/page`)) &&
      !sources.has(path.slice(`${folder}/dist/`.length).replace(ENDS, "")),
  );
}

/** Whether a file is a test, which is neither built nor published. */
export function isTest(path: string): boolean {
  return /\.test(?:-d)?\.ts$/.test(basename(path));
}
