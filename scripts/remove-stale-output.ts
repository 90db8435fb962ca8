/** Removes what earlier builds have left in `dist` of files that were moved or removed since. */
import { globSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { staleOutput } from "./stale-output.ts";

for (const manifest of globSync(["packages/*/package.json", "apps/*/package.json"]))
  for (const path of staleOutput(dirname(manifest))) rmSync(path);
