/**
 * Checks every package as it is published: packed by pnpm, as a release does. Its files, what its package.json says,
 * its source maps, its types, and what publint and attw say of it.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packAll } from "./packages/pack.ts";
import { packedFaults } from "./packages/packed-faults.ts";
import { publishedFolders, readManifest, tarballName } from "./packages/published.ts";

const temporary = mkdtempSync(join(tmpdir(), "parrot-packed-"));
try {
  packAll(temporary);
  for (const folder of publishedFolders()) check(folder, tarballName(readManifest(folder)));
} finally {
  rmSync(temporary, { recursive: true, force: true });
}

function check(folder: string, tarball: string): void {
  const unpacked = join(temporary, folder);
  mkdirSync(unpacked, { recursive: true });
  const faults = [
    ...saidBy(`tar -xzf ${tarball} -C "${unpacked}" --strip-components=1`),
    ...packedFaults(folder, unpacked),
    ...saidBy(`publint --strict ${tarball}`),
    ...saidBy(`attw --profile esm-only --quiet ${tarball}`),
  ];
  for (const fault of faults) console.log(`${folder}: ${fault}`);
  if (faults.length > 0) process.exitCode = 1;
}

/** What a program that has found something wrong says of it. */
function saidBy(command: string): readonly string[] {
  const { status, stdout, stderr } = spawnSync(command, { shell: true, cwd: temporary, encoding: "utf8" });
  return status === 0 ? [] : [`${command}\n${stdout}${stderr}`.trimEnd()];
}
