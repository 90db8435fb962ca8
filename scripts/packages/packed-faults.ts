import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { isTest, staleOutput } from "../stale-output.ts";
import { readManifest, type Manifest } from "./published.ts";

/** What every published package has beside its code. */
const DOCUMENTS = ["package.json", "README.md", "LICENSE"];
/** Ranges that mean something in this workspace alone. */
const LOCAL_RANGE = /"(?:workspace|catalog|link|file|portal):/;

/** Says what is wrong with a package as it was packed, in `unpacked`, from its folder in the repository. */
export function packedFaults(folder: string, unpacked: string): readonly string[] {
  const manifest = readManifest(unpacked);
  return [
    ...fileFaults(folder, unpacked),
    ...manifestFaults(folder, manifest),
    ...globSync("**/*.map", { cwd: unpacked }).flatMap((path) => mapFaults(unpacked, path)),
    ...(LOCAL_RANGE.test(readFileSync(join(unpacked, "package.json"), "utf8"))
      ? ["package.json has a dependency that is found in the workspace alone"]
      : []),
  ];
}

function fileFaults(folder: string, unpacked: string): readonly string[] {
  const stale = new Set(staleOutput(folder).map((path) => path.slice(`${folder}/`.length)));
  const files = globSync("**/*", { cwd: unpacked, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(`${unpacked}/`.length));
  return [
    ...DOCUMENTS.filter((path) => !files.includes(path)).map((path) => `${path} is missing`),
    ...files
      .filter((path) => stale.has(path) || isTest(path) || !isWanted(path))
      .map((path) => `${path} is not part of the package, but would be published with it`),
  ];
}

function isWanted(path: string): boolean {
  return (
    /^(?:src|dist)\//.test(path) ||
    /^[^/]+\.schema\.json$/.test(path) ||
    [...DOCUMENTS, "CHANGELOG.md"].includes(path)
  );
}

/** What the registry shows of a package, and what those who install it go by. */
function manifestFaults(folder: string, manifest: Manifest): readonly string[] {
  const { publishConfig, repository } = manifest;
  const wanted: Readonly<Record<string, boolean>> = {
    description: manifest.description !== undefined,
    "keywords to be found by": (manifest.keywords?.length ?? 0) > 0,
    license: manifest.license !== undefined,
    'type "module"': manifest.type === "module",
    sideEffects: manifest.sideEffects !== undefined,
    "engines.node": manifest.engines?.node !== undefined,
    'publishConfig.access "public"': publishConfig?.access === "public",
    "publishConfig.provenance": publishConfig?.provenance === true,
    "repository.directory that is its folder":
      repository === undefined || repository.directory === folder.replaceAll("\\", "/"),
    "exports, each with its types first": Object.entries(manifest.exports ?? {}).every(
      ([door, target]) => door === "./package.json" || hasTypes(target),
    ),
  };
  return Object.entries(wanted).flatMap(([what, isThere]) =>
    isThere ? [] : [`package.json has no ${what}`],
  );
}

/** Whether an entry of `exports` names types before anything that a user's program gets. */
function hasTypes(target: unknown): boolean {
  return Object.keys(Object(target)).find((condition) => !condition.startsWith("@")) === "types";
}

/** A debugger opens the sources that a map names, so they are published with it. */
function mapFaults(unpacked: string, path: string): readonly string[] {
  const map: unknown = JSON.parse(readFileSync(join(unpacked, path), "utf8"));
  const { sources, sourcesContent } = Object(map) as { sources?: string[]; sourcesContent?: unknown[] };
  return (sources ?? [])
    .filter((source, place) => {
      return (
        typeof sourcesContent?.[place] !== "string" && !existsSync(join(unpacked, dirname(path), source))
      );
    })
    .map((source) => `${path} names the source ${source}, which is not in the package`);
}
