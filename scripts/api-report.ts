/**
 * Writes what each package exports, with its types, into docs/api: one report for each entry point, from the built
 * declarations. With `--check` it only compares, prints what differs and fails.
 */
import { globSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import {
  ConsoleMessageId,
  Extractor,
  ExtractorConfig,
  ExtractorLogLevel,
  type IConfigFile,
} from "@microsoft/api-extractor";

const REPORTS = resolve("docs/api");
const REPORT_DIFF: string = ConsoleMessageId.ApiReportDiff;

interface EntryPoint {
  /** Of the report, such as `core` or `core-testing`. */
  readonly name: string;
  readonly packageJson: string;
  /** The built declarations. */
  readonly types: string;
}

function entryPoints(): EntryPoint[] {
  return globSync("packages/*/package.json")
    .toSorted()
    .flatMap((path) => {
      const packageJson = resolve(path);
      const { exports } = JSON.parse(readFileSync(packageJson, "utf8")) as {
        readonly exports: Readonly<Record<string, string | { readonly types: string }>>;
      };
      return Object.entries(exports).flatMap(([subpath, target]) => {
        if (typeof target === "string") return [];
        const name = [basename(dirname(packageJson)), ...subpath.split("/").slice(1)].join("-");
        return [{ name, packageJson, types: join(dirname(packageJson), target.types) }];
      });
    });
}

function configOf({ name, packageJson, types }: EntryPoint): ExtractorConfig {
  const configObject: IConfigFile = {
    projectFolder: dirname(packageJson),
    mainEntryPointFilePath: types,
    newlineKind: "lf",
    compiler: {
      overrideTsconfig: {
        compilerOptions: {
          target: "es2024",
          lib: ["es2024", "esnext.array", "esnext.iterator", "esnext.disposable"],
          types: ["node"],
          module: "nodenext",
          strict: true,
          exactOptionalPropertyTypes: true,
          skipLibCheck: true,
        },
        files: [types],
      },
    },
    apiReport: {
      enabled: true,
      reportFolder: REPORTS,
      reportTempFolder: join(REPORTS, "temp"),
      reportFileName: name,
      includeForgottenExports: true,
    },
    docModel: { enabled: false },
    dtsRollup: { enabled: false },
    tsdocMetadata: { enabled: false },
    messages: {
      compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
      extractorMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
      tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
    },
  };
  return ExtractorConfig.prepare({
    configObject,
    configObjectFullPath: undefined,
    packageJsonFullPath: packageJson,
  });
}

const isCheck = process.argv.includes("--check");
const entries = entryPoints();
const changed: string[] = [];
mkdirSync(REPORTS, { recursive: true });
for (const entry of entries) {
  const { apiReportChanged, errorCount } = Extractor.invoke(configOf(entry), {
    localBuild: !isCheck,
    printApiReportDiff: true,
    messageCallback: (message) => {
      if (message.messageId === REPORT_DIFF) console.log(message.text);
      if (message.logLevel !== ExtractorLogLevel.Error) message.handled = true;
    },
  });
  if (apiReportChanged) changed.push(entry.name);
  if (errorCount > 0) process.exitCode = 1;
}
rmSync(join(REPORTS, "temp"), { recursive: true, force: true });

const names = new Set(entries.map(({ name }) => `${name}.api.md`));
for (const file of readdirSync(REPORTS).filter((name) => !names.has(name))) {
  changed.push(file);
  if (!isCheck) rmSync(join(REPORTS, file));
}
if (isCheck && changed.length > 0) {
  console.log(
    `What these packages export differs from docs/api: ${changed.join(", ")}. If that is intended, run pnpm api`,
  );
  process.exitCode = 1;
}
