/**
 * Uses the packages as their users do: packed, installed outside the workspace, bundled, and in other runtimes. Takes
 * two minutes or three, and the npm registry.
 */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { after, describe, it } from "node:test";
import { Project, type Outcome } from "./project.ts";

const ANSWERED = /^answered 2, reused 0$/m;
const REUSED = /^answered 2, reused 3$/m;
const NO_THREAD = /written in the main thread.*serverExternalPackages/;
const SENTENCE = "needs Node.js 22.19 or later; this is 20.";

const project = new Project();
after(() => project[Symbol.asyncDispose]());
project.install();
const baseUrl = await project.start(["simulator.mjs"], /^http/);
const bin = (name: string): string => project.path("node_modules/.bin", name);

/** Answers over HTTP; then with a journal, twice. Gives what was written to both streams. */
function answers(run: (env: Readonly<Record<string, string>>) => Outcome, journal: string): string {
  const withJournal = { BASE_URL: baseUrl, JOURNAL: project.path(journal) };
  const outcomes = [run({ BASE_URL: baseUrl }), run(withJournal), run(withJournal)];
  const [plain = "", first = "", second = ""] = outcomes.map(({ output }) => output);
  assert.match(plain, ANSWERED);
  assert.match(first, ANSWERED);
  assert.match(second, REUSED);
  return first;
}

void describe("Node.js", () => {
  void it("runs the packages as they are published, the journal in its thread", () => {
    const output = answers((env) => project.run(process.execPath, ["app.mjs"], env), "node.journal");
    assert.doesNotMatch(output, /Warning/);
  });
});

void describe("esbuild", () => {
  for (const format of ["esm", "cjs"]) {
    void it(`bundles the form ${format}, which answers and keeps a journal on its own`, async () => {
      // Where no package is to be found.
      const folder = `${project.folder}-${format}`;
      await using _ = { [Symbol.asyncDispose]: () => removed(folder) };
      const file = `${folder}/app.${format === "esm" ? "mjs" : "cjs"}`;
      const built = project.run(bin("esbuild"), [
        "app.mjs",
        "--bundle",
        "--platform=node",
        `--format=${format}`,
        `--outfile=${file}`,
      ]);
      assert.equal(built.status, 0, built.output);
      const output = answers((env) => project.run(process.execPath, [file], env), `${format}.journal`);
      assert.match(output, NO_THREAD);
    });
  }

  void it("makes a bundle that runs no package of the folder in which it is started", async () => {
    const [folder, file] = [project.path("of-a-stranger"), project.path("bundled", "converter.cjs")];
    const options = ["--bundle", "--platform=node", "--format=cjs", `--outfile=${file}`];
    const built = project.run(bin("esbuild"), ["converter.mjs", ...options]);
    assert.equal(built.status, 0, built.output);
    const library = `${folder}/node_modules/@valibot/to-json-schema`;
    await mkdir(library, { recursive: true });
    await writeFile(`${library}/index.js`, "console.log('RAN')");
    const start = `process.chdir(${JSON.stringify(folder)}); require(${JSON.stringify(file)})`;
    const { output } = project.run(process.execPath, ["--input-type=commonjs", "-e", start]);
    assert.match(output, /npm install @valibot\/to-json-schema/);
    assert.doesNotMatch(output, /RAN/);
  });

  void it("leaves the packages out where told to, and the journal has its thread", () => {
    const built = project.run(bin("esbuild"), [
      "app.mjs",
      "--bundle",
      "--platform=node",
      "--format=esm",
      "--external:parallel-parrot",
      "--outfile=external.mjs",
    ]);
    assert.equal(built.status, 0, built.output);
    const output = answers((env) => project.run(process.execPath, ["external.mjs"], env), "external.journal");
    assert.doesNotMatch(output, NO_THREAD);
  });
});

void describe("Next.js", () => {
  for (const external of ["0", "1"]) {
    const how = external === "1" ? "with serverExternalPackages" : "with zod alone";
    void it(`builds a route ${how}, which answers and keeps a journal`, async () => {
      const env = {
        BASE_URL: baseUrl,
        JOURNAL: project.path(`next-${external}.journal`),
        EXTERNAL: external,
        NEXT_TELEMETRY_DISABLED: "1",
      };
      const web = project.path(`web-${external}`);
      await mkdir(`${web}/app/ask`, { recursive: true });
      await copyFile(project.path("route.js"), `${web}/app/ask/route.js`);
      await copyFile(project.path("layout.js"), `${web}/app/layout.js`);
      await copyFile(project.path("next.config.mjs"), `${web}/next.config.mjs`);
      const next = project.path("node_modules/next/dist/bin/next");
      const built = project.run(process.execPath, [next, "build", web], env);
      assert.equal(built.status, 0, built.output);
      const local = await project.start([next, "start", web, "--port", "0"], /Local:/, env);
      const address = `${local.replace(/^.*(http:\S+).*$/, "$1")}/ask`;
      try {
        assert.match(await (await fetch(address)).text(), ANSWERED);
        assert.match(await (await fetch(address)).text(), REUSED);
      } finally {
        await project.stop();
      }
    });
  }
});

const bun = project.run(bin("bun"), ["--version"]);
void describe(
  "Bun",
  { skip: bun.status === 0 ? false : `bun could not be installed here: ${bun.output}` },
  () => {
    void it("answers over HTTP and keeps a journal", () => {
      answers((env) => project.run(bin("bun"), ["app.mjs"], env), "bun.journal");
    });
  },
);

/** A Node.js 20, where the machine has one of its own. */
const old = ["/usr/bin/node", "/usr/local/bin/node"].find(
  (path) => existsSync(path) && project.run(path, ["--version"]).output.startsWith("v20."),
);
void describe(
  "Node.js 20",
  { skip: old === undefined ? "there is no Node.js 20 on this machine" : false },
  () => {
    const packages = [
      "parallel-parrot",
      ...["core", "formats", "journal", "parse", "providers", "template", "tidy", "transport"].map(
        (name) => `@parallel-parrot/${name}`,
      ),
    ];
    for (const name of packages) {
      void it(`gets a sentence from ${name}`, () => {
        const { status, output } = project.run(old ?? "", [
          "--input-type=module",
          "--eval",
          `import "${name}"`,
        ]);
        assert.notEqual(status, 0);
        assert.match(output, new RegExp(`parallel-parrot ${SENTENCE.replaceAll(".", "\\.")}`));
        assert.doesNotMatch(output, /SyntaxError|TypeError|^\s+at /m);
      });
    }

    void it("gets a sentence from parrot", () => {
      const { status, output } = project.run(old ?? "", [
        project.path("node_modules/@parallel-parrot/cli/dist/main.js"),
        "--version",
      ]);
      assert.equal(status, 2);
      assert.match(output, new RegExp(`^parrot ${SENTENCE.replaceAll(".", "\\.")}\\S+\\n$`));
    });
  },
);

async function removed(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}
