import { defineConfig, type OxlintOverride } from "oxlint";

/** Which packages each package may import: the order of ARCHITECTURE.md, as it is used. */
const IMPORTS: Readonly<Record<string, readonly string[]>> = {
  core: [],
  template: ["core"],
  limiter: [],
  journal: ["core"],
  providers: ["core", "limiter"],
  transport: ["core", "limiter", "journal", "providers"],
  parse: ["core"],
  tidy: ["core", "parse"],
  formats: ["core", "template", "transport"],
  simulator: [],
  ui: ["core"],
  cluster: ["limiter"],
  otel: ["core", "journal", "providers", "transport"],
  "parallel-parrot": [
    "core",
    "template",
    "limiter",
    "journal",
    "providers",
    "transport",
    "parse",
    "tidy",
    "formats",
  ],
};

/** The folders of the command line: each may import those before it. */
const FLOORS = [
  "flags",
  "terminal",
  "files",
  "keys",
  "journal",
  "job",
  "run",
  "trial",
  "outlook",
  "estimate",
  "explain",
  "preview",
  "export",
  "ui",
  "commands",
];

function floorOf(folder: string, place: number): OxlintOverride {
  const group = FLOORS.slice(place + 1).map((above) => `../${above}/**`);
  const message = "Folders of the command line depend on those below them: see FLOORS in oxlint.config.ts.";
  return {
    files: [`apps/cli/src/${folder}/**`],
    excludeFiles: ["**/*.test.ts"],
    rules: { "no-restricted-imports": ["error", { patterns: [{ group, message }] }] },
  };
}

/** A package's sources may import these packages and no others, and its tests the simulator as well. */
function importsOf([name, others]: readonly [name: string, others: readonly string[]]): OxlintOverride[] {
  return [
    overrideOf(`packages/${name}/src/**`, others),
    overrideOf(`packages/${name}/src/**/*.test.ts`, [...others, "simulator"]),
  ];
}

function overrideOf(files: string, names: readonly string[]): OxlintOverride {
  const allowed = names.flatMap((name) => [`!@parallel-parrot/${name}`, `!@parallel-parrot/${name}/**`]);
  const pattern = {
    // The third is a relative path into another package.
    group: ["@parallel-parrot/**", "parallel-parrot", "../**/src/**", ...allowed],
    message: "Packages depend on each other in one direction: see ARCHITECTURE.md and oxlint.config.ts.",
  };
  return { files: [files], rules: { "no-restricted-imports": ["error", { patterns: [pattern] }] } };
}

export default defineConfig({
  plugins: ["typescript", "unicorn", "oxc", "import", "promise", "vitest", "node"],
  categories: { correctness: "error", suspicious: "error", perf: "error" },
  ignorePatterns: ["**/dist/**", "**/fixtures/**"],
  rules: {
    "typescript/no-explicit-any": "error",
    "typescript/no-non-null-assertion": "error",
    "typescript/ban-ts-comment": "error",
    "typescript/no-floating-promises": "error",
    "typescript/no-misused-promises": "error",
    "typescript/await-thenable": "error",
    "typescript/switch-exhaustiveness-check": "error",
    "typescript/consistent-type-imports": "error",
    "import/no-default-export": "error",
    "import/no-cycle": ["error", { ignoreTypes: false }],
    "no-console": "error",
    eqeqeq: "error",
    "typescript/no-unsafe-type-assertion": "off",
    "no-await-in-loop": "off",
    "no-unmodified-loop-condition": "off",
    "no-shadow": "off",
    "no-underscore-dangle": "off",
    "import/no-unassigned-import": "off",
    "unicorn/prefer-add-event-listener": "off",
  },
  overrides: [
    {
      files: [
        "scripts/**",
        "docs/site/scripts/**",
        "packages/*/scripts/**",
        "packages/*/fixtures/**",
        "packages/*/simulation/**",
        "examples/**",
        "apps/bench/**",
      ],
      rules: { "no-console": "off" },
    },
    { files: ["**/*.test.ts"], rules: { "unicorn/consistent-function-scoping": "off" } },
    {
      files: ["*.config.ts", "docs/site/.vitepress/config.ts"],
      rules: { "import/no-default-export": "off" },
    },
    ...Object.entries(IMPORTS).flatMap(importsOf),
    ...FLOORS.slice(0, -1).map(floorOf),
  ],
});
