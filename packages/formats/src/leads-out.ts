import { isAbsolute, relative, sep } from "node:path";

/** Whether a path is neither a folder nor in it; links have to be followed in both before. */
export function leadsOut(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way);
}
