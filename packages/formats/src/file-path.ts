import { fileURLToPath } from "node:url";

/** The path of a file that may be given as a URL; anything else is itself. */
export function filePath<T>(file: T | URL): T | string {
  return file instanceof URL ? fileURLToPath(file) : file;
}
