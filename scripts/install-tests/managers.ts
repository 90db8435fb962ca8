import type { Manifest } from "../packages/published.ts";

/** A program that installs packages, and how a project tells it to take ours from their tarballs. */
export interface Manager {
  readonly name: string;
  /** What installs the dependencies of the package.json in the working folder. */
  readonly install: string;
  /** What starts a program that an installed package brings. */
  readonly exec: string;
  /** What runs Node.js, where the manager decides how packages are found. */
  readonly node: string;
  /** Why a compiler finds no types in its projects, where none does. */
  readonly typeless?: string;
  /** What the project's package.json says besides its dependencies. */
  manifest(tarballs: Tarballs): object;
  /** Files of settings, by name. */
  settings?(tarballs: Tarballs): Readonly<Record<string, string>>;
}

/** The path of each package's tarball, by the package's name. */
export type Tarballs = Readonly<Record<Manifest["name"], string>>;

const BERRY = "npx -y -p @yarnpkg/cli-dist@4 yarn";

export const MANAGERS: readonly Manager[] = [
  {
    name: "npm",
    install: "npm install --no-audit --no-fund",
    exec: "npx --no-install",
    node: "node",
    manifest: () => ({}),
  },
  {
    name: "pnpm",
    install: "npx -y pnpm@12 install",
    exec: "npx -y pnpm@12 exec",
    node: "node",
    manifest: () => ({}),
    settings: (tarballs) => ({
      "pnpm-workspace.yaml": `packages: []\noverrides: ${JSON.stringify(tarballs)}\n`,
    }),
  },
  {
    name: "yarn 1",
    install: "npx -y yarn@1 install --non-interactive",
    exec: "npx -y yarn@1 --silent",
    node: "node",
    manifest: (resolutions) => ({ resolutions }),
  },
  yarn4("yarn 4", "node-modules", "node"),
  {
    ...yarn4("yarn 4, Plug'n'Play", "pnp", `${BERRY} node`),
    typeless: "TypeScript 7 does not find packages in archives",
  },
];

function yarn4(name: string, linker: string, node: string): Manager {
  return {
    name,
    install: `${BERRY} install`,
    exec: BERRY,
    node,
    manifest: (resolutions) => ({ resolutions }),
    settings: () => ({
      "yarn.lock": "",
      ".yarnrc.yml": `nodeLinker: ${linker}\nenableTelemetry: false\nenableScripts: false\nenableImmutableInstalls: false\n`,
    }),
  };
}
