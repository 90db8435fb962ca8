import { spawnSync } from "node:child_process";
import { globSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PAGES, REPOSITORY } from "./repository.ts";

const SITE = join(import.meta.dirname, "..");
/** One module for each face of a package, named as the reference calls it. */
const ENTRIES = join(SITE, ".entries");
/** What people import: what it takes from other packages is described with it, and those refer to it. */
const MAIN = "parallel-parrot";

/** Writes the reference of all packages, from their built types, into the folder `api` of the pages. */
export function writeReference(): void {
  const entries = writeEntries();
  const flags = "--skipErrorChecking --disableSources --hidePageHeader --hideBreadcrumbs --logLevel Error";
  const options = {
    plugin: "typedoc-plugin-markdown",
    tsconfig: "tsconfig.reference.json",
    readme: "none",
    name: "Reference",
    entryFileName: "index",
    indexFormat: "table",
    out: join(PAGES, "api"),
  };
  const parameters = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
  const { status } = spawnSync("typedoc", [...flags.split(" "), ...parameters, ...entries], {
    cwd: SITE,
    stdio: "inherit",
  });
  if (status !== 0) throw new Error("TypeDoc could not write the reference");
}

function writeEntries(): string[] {
  const faces = globSync("packages/*/dist/{index,testing}.d.ts", { cwd: REPOSITORY });
  if (faces.length === 0) throw new Error("The packages are not built: run `npx -y pnpm@12 build` first");
  rmSync(ENTRIES, { recursive: true, force: true });
  mkdirSync(ENTRIES);
  const names = faces.map((face) => {
    const [, name = "", , file = ""] = face.split(/[/\\]/);
    const entry = file === "index.d.ts" ? name : `${name}-testing`;
    const module = `../../../packages/${name}/dist/${file.replace(".d.ts", ".js")}`;
    writeFileSync(join(ENTRIES, `${entry}.ts`), `export * from "${module}";\n`);
    return entry;
  });
  const others = names.filter((name) => name !== MAIN).toSorted();
  return [MAIN, ...others].map((name) => join(ENTRIES, `${name}.ts`));
}
