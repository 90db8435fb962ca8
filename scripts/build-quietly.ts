/** Builds and says nothing unless it fails, so that a program's own output is all there is. */
import { spawnSync } from "node:child_process";

const { status, stdout, stderr } = spawnSync("pnpm --silent build", { shell: true, encoding: "utf8" });
if (status !== 0) process.stderr.write(`${stdout}${stderr}`);
process.exitCode = status ?? 1;
