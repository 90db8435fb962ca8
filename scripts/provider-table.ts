/** Writes the table of providers into the READMEs, from the registry; with `--check` it only tells whether they are up to date. */
import { readFileSync, writeFileSync } from "node:fs";
import { describeCapabilities } from "../apps/cli/src/describe-provider.ts";
import { providers } from "../packages/providers/src/registry.ts";

const READMES = ["README.md", "packages/providers/README.md"];
const [START, END] = ["<!-- providers -->", "<!-- /providers -->"];
const NONE = "–";

type Entry = (typeof providers)[number];

const COLUMNS: Readonly<Record<string, (entry: Entry) => string>> = {
  provider: ({ displayName }) => displayName,
  name: ({ name }) => code(name),
  text: () => "yes",
  "several choices": ({ capabilities }) => describeCapabilities(capabilities).choices,
  JSON: ({ capabilities }) => describeCapabilities(capabilities).json,
  images: ({ capabilities }) => describeCapabilities(capabilities).images || NONE,
  "limits from": ({ capabilities }) => describeCapabilities(capabilities).limits,
  key: ({ keyVariables, needsKey }) =>
    `${keyVariables.map(code).join(", ") || NONE}${needsKey ? "" : " (if any)"}`,
  address: ({ baseUrl, placeVariables = [], baseUrlVariables }) =>
    [baseUrl, ...placeVariables, ...baseUrlVariables]
      .filter((text) => text !== undefined)
      .map(code)
      .join(", or ") || NONE,
};

function code(text: string): string {
  return `\`${text}\``;
}

function table(): string {
  const names = Object.keys(COLUMNS);
  const rows = [names, ...providers.map((entry) => Object.values(COLUMNS).map((cell) => cell(entry)))];
  const widths = names.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  const [head = [], ...body] = rows;
  return [line(head), rule, ...body.map(line)].join("\n");
}

const isCheck = process.argv.includes("--check");
for (const file of READMES) {
  const text = readFileSync(file, "utf8");
  const [before, rest = ""] = text.split(START);
  const after = rest.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`${file} has no ${START} … ${END}`);
  const written = `${before}${START}\n\n${table()}\n\n${END}${after}`;
  if (written === text) continue;
  if (isCheck) {
    console.error(`The table of providers in ${file} is stale; run: node scripts/provider-table.ts`);
    process.exitCode = 1;
  } else {
    writeFileSync(file, written);
  }
}
