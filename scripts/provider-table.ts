/** Writes the table of providers into the READMEs, from the registry; with `--check` it only tells whether they are up to date. */
import { describeCapabilities } from "../apps/cli/src/commands/describe-provider.ts";
import { PARAM_NAMES } from "../packages/providers/src/generation-params.ts";
import { providers } from "../packages/providers/src/registry.ts";
import { code, keepTable } from "./generated-table.ts";

const NONE = "–";

type Entry = (typeof providers)[number];

const COLUMNS: Readonly<Record<string, (entry: Entry) => string>> = {
  provider: ({ displayName }) => displayName,
  name: ({ name }) => code(name),
  text: () => "yes",
  "several choices": ({ capabilities }) => describeCapabilities(capabilities).choices,
  JSON: ({ capabilities }) => describeCapabilities(capabilities).json,
  images: ({ capabilities }) => describeCapabilities(capabilities).images || NONE,
  "limits from": ({ capabilities, isInProcess }) =>
    isInProcess === true ? NONE : describeCapabilities(capabilities).limits,
  key: ({ keyVariables, needsKey }) =>
    keyVariables.length === 0 ? NONE : `${keyVariables.map(code).join(", ")}${needsKey ? "" : " (if any)"}`,
  address: ({ baseUrl, placeVariables = [], baseUrlVariables }) =>
    [baseUrl, ...placeVariables, ...baseUrlVariables]
      .filter((text) => text !== undefined)
      .map(code)
      .join(", or ") || NONE,
};

keepTable({
  name: "parameters",
  documents: ["packages/providers/README.md"],
  rows: [
    ["provider", ...PARAM_NAMES.map(code)],
    ...providers.map(({ displayName, capabilities: { params = PARAM_NAMES } }) => [
      displayName,
      ...PARAM_NAMES.map((name) => (params.includes(name) ? "yes" : NONE)),
    ]),
  ],
  command: "node scripts/provider-table.ts",
});

keepTable({
  name: "providers",
  documents: ["README.md", "packages/providers/README.md"],
  rows: [
    Object.keys(COLUMNS),
    ...providers.map((entry) => Object.values(COLUMNS).map((cell) => cell(entry))),
  ],
  command: "node scripts/provider-table.ts",
});
