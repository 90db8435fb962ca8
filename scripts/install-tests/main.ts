/**
 * Installs the packages from their tarballs into empty folders, with each manager of packages and each Node.js that
 * they are for, and uses them as a stranger would. Takes minutes, and the npm registry. An argument such as `pnpm`
 * or `22` runs only what has it in its name.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { packAll } from "../packages/pack.ts";
import { publishedFolders, readManifest, tarballName } from "../packages/published.ts";
import { MANAGERS, type Manager, type Tarballs } from "./managers.ts";
import { EXAMPLES, Project } from "./project.ts";

const temporary = mkdtempSync(join(tmpdir(), "parrot-install-"));
after(() => rmSync(temporary, { recursive: true, force: true }));

const manifests = publishedFolders().map(readManifest);
packAll(join(temporary, "tarballs"));
const tarballs: Tarballs = Object.fromEntries(
  manifests.map((manifest) => [manifest.name, `file:${join(temporary, "tarballs", tarballName(manifest))}`]),
);
/** Every name that can be imported. */
const doors = manifests.flatMap(({ name, exports = {} }) =>
  Object.keys(exports)
    .filter((door) => door !== "./package.json")
    .map((door) => join(name, door)),
);

/** The Node.js of a version, which npm installs when it is first asked for. */
function nodeOf(version: string): string {
  const folder = join(temporary, `node-${version}`);
  const node = join(folder, "node_modules/node/bin/node");
  if (existsSync(node)) return node;
  mkdirSync(folder);
  const command = `npm install --no-audit --no-fund --prefix "${folder}" node@${version}`;
  const { status, stderr } = spawnSync(command, { shell: true, encoding: "utf8" });
  if (status !== 0) throw new Error(`Cannot install Node.js ${version}: ${stderr}`);
  return node;
}

function test(manager: Manager, version: string): void {
  const folder = join(temporary, `${manager.name.replaceAll(/\W/g, "")}-${version}`);
  const project = new Project(folder, manager, nodeOf(version), tarballs);
  const parrot = `${manager.exec} parrot`;
  after(() => project.stop());

  void it("installs every package", () => {
    project.run(manager.install);
    assert.ok(project.run(`${manager.node} --version`).startsWith(`v${version}`));
  });

  void it("gives what each door exports, without the peers that are optional", () => {
    const lines = doors.map(
      (door) => `if (Object.keys(await import("${door}")).length === 0) throw "${door}";`,
    );
    project.write("doors.mjs", `${lines.join("\n")}\nconsole.log("opened");\n`);
    assert.match(project.run(`${manager.node} doors.mjs`), /opened/);
  });

  const { typeless = false } = manager;
  void it("has types for a strict compiler, by nodenext and by bundler", { skip: typeless }, () => {
    const lines = doors.map((door, place) => `import * as door${place} from "${door}";\nvoid door${place};`);
    project.write("doors.ts", lines.join("\n"));
    for (const [module, resolution] of [
      ["nodenext", "nodenext"],
      ["esnext", "bundler"],
    ])
      project.run(
        `${manager.exec} tsc --noEmit --strict --exactOptionalPropertyTypes --target es2024 --types node --module ${module} --moduleResolution ${resolution} doors.ts ${EXAMPLES.join(" ")}`,
      );
  });

  void it("answers rows with `parrot simulate`, from a program and from the command line", async () => {
    const address = await project.serve(`${parrot} simulate --port 0`);
    assert.match(project.run(`${manager.node} pipeline.mjs`, { BASE_URL: address }), /answered 2/);
    project.write("reviews.csv", "review\nGood.\nBad.\n");
    project.run(
      `${parrot} text reviews.csv --prompt 'Sum up: \${review}' --model openai/sim --base-url ${address} -o sums.csv`,
      { OPENAI_API_KEY: "sim-key" },
    );
    assert.equal(readFileSync(join(folder, "sums.csv"), "utf8").trim().split("\n").length, 3);
    await project.stop();
  });
}

/** The first Node.js that the packages take, and the one that they are made with. */
for (const version of ["22.19.0", "24"])
  for (const manager of MANAGERS) {
    const name = `${manager.name} on Node.js ${version}`;
    const isWanted = process.argv.slice(2).every((word) => name.includes(word));
    void describe(name, { skip: !isWanted }, () => test(manager, version));
  }
