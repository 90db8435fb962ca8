import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** What a package.json says that matters to those who install the package. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly description?: string;
  readonly keywords?: readonly string[];
  readonly license?: string;
  readonly type?: string;
  readonly sideEffects?: boolean | readonly string[];
  readonly engines?: { readonly node?: string };
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly publishConfig?: { readonly access?: string; readonly provenance?: boolean };
  readonly repository?: { readonly url?: string; readonly directory?: string };
  readonly dependencies?: Readonly<Record<string, string>>;
}

export function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
}

/** The folders of the packages that are published, from the repository's own. */
export function publishedFolders(): readonly string[] {
  return globSync(["packages/*/package.json", "apps/*/package.json"])
    .map((path) => dirname(path))
    .filter((folder) => readManifest(folder).private !== true)
    .toSorted();
}

/** What the file is called that a package is packed into. */
export function tarballName({ name, version }: Manifest): string {
  return `${name.replace(/^@/, "").replace("/", "-")}-${version}.tgz`;
}
