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
  name: "batches",
  documents: ["packages/providers/README.md"],
  rows: [
    ["provider", "requests are", "most of them", "most bytes", "limit of all jobs", "part of the price"],
    ...providers.flatMap(({ displayName, batch }) =>
      batch === undefined ? [] : [batchRow(displayName, batch)],
    ),
  ],
  command: "node scripts/provider-table.ts",
});

function batchRow(name: string, info: NonNullable<Entry["batch"]>): readonly string[] {
  const { way, limits, price, isUntried } = info;
  const { maxRequests, maxBytes, queue } = limits;
  return [
    isUntried === true ? `${name} (untried)` : name,
    way === "file" ? "a file" : "one body",
    maxRequests?.toLocaleString("en") ?? NONE,
    `${maxBytes / 1e6} MB`,
    { inputTokens: "input tokens", requests: "requests", none: NONE }[queue],
    price === undefined
      ? NONE
      : `[${price.factor}](${price.source})${price.models === undefined ? "" : `, ${price.models.length} models`}, ${price.date}`,
  ];
}

keepTable({
  name: "providers",
  documents: ["README.md", "packages/providers/README.md"],
  rows: [
    Object.keys(COLUMNS),
    ...providers.map((entry) => Object.values(COLUMNS).map((cell) => cell(entry))),
  ],
  command: "node scripts/provider-table.ts",
});
