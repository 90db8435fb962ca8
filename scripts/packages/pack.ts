import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { publishedFolders } from "./published.ts";

/** Packs every published package into a folder, with pnpm, as a release does. */
export function packAll(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const filters = publishedFolders().map((path) => `--filter ./${path}`);
  const command = `npx -y pnpm@12 -r ${filters.join(" ")} pack --pack-destination "${resolve(folder)}"`;
  const { status, stdout, stderr } = spawnSync(command, { shell: true, encoding: "utf8" });
  if (status !== 0) throw new Error(`Cannot pack the packages: ${stdout}${stderr}`);
}
