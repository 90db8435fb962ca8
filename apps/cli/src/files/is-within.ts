import { realpath } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";

/** Whether a file is a folder or lies in it, whatever links lead there and whether they exist or not. */
export async function isWithin(file: string, folder: string): Promise<boolean> {
  const path = relative(await realPlace(folder), await realPlace(file));
  return path !== ".." && !path.startsWith(`..${sep}`) && !isAbsolute(path);
}

/** The place of a file; of one that does not exist, the place where it would be. */
async function realPlace(path: string): Promise<string> {
  const whole = resolve(path);
  if (dirname(whole) === whole) return whole;
  return realpath(whole).catch(async () => join(await realPlace(dirname(whole)), basename(whole)));
}
