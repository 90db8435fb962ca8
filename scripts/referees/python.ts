import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { findPython, installPackages } from "../real-model/install.ts";

/** Whoever judges our files, all in one installation: several need the same packages. */
const PACKAGES = [
  "pyarrow==26.0.1",
  "polars==2.1.0",
  "duckdb==2.0.1",
  "pandas==3.1.1",
  "openpyxl==3.1.5",
  "XlsxWriter==3.3.1",
  "datasets==5.2.0",
  "scikit-learn==1.9.1",
];

/** Runs a script of this folder with the judges' packages, and gives what it prints. @throws where it fails */
export type RunScript = (
  script: string,
  parameters: readonly string[],
  environment?: Readonly<Record<string, string>>,
) => string;

/** The Python of this machine with the judges' packages, installed by pip where they are not; `undefined` where there is none. */
export function findJudges(): RunScript | undefined {
  const python = findPython();
  if (python === undefined) return undefined;
  const packages = installPackages(python, PACKAGES, { dependencies: true });
  return (script, parameters, environment) => {
    const path = join(import.meta.dirname, script);
    const { status, stdout, stderr } = spawnSync(python, ["-B", path, ...parameters], {
      encoding: "utf8",
      maxBuffer: 2 ** 28,
      env: { ...process.env, PYTHONPATH: packages, ...environment },
    });
    if (status !== 0) throw new Error(`${script} failed: ${stderr}`);
    return stdout;
  };
}
