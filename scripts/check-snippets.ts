/** Compiles every `ts` snippet of the Markdown files, each as a module of its own. */
import { spawnSync } from "node:child_process";
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Inside the examples package, so that imports resolve as they do for a user who installed the packages. */
const folder = "examples/.snippets";
const documents = globSync([
  "*.md",
  "docs/{*,decisions/*,site/guides/*}.md",
  "packages/*/README.md",
  "apps/*/README.md",
  "examples/*.md",
]);

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
let count = 0;
for (const document of documents.toSorted()) {
  const lines = readFileSync(document, "utf8").split("\n");
  for (let start = lines.indexOf("```ts"); start >= 0; start = lines.indexOf("```ts", start + 1)) {
    const end = lines.indexOf("```", start);
    // Blank lines in front keep the line numbers of the document.
    const code = `${"\n".repeat(start + 1)}${lines.slice(start + 1, end).join("\n")}\nexport {};\n`;
    writeFileSync(join(folder, `${document.replaceAll(/[/.]/g, "_")}-${start + 1}.ts`), code);
    count += 1;
  }
}
writeFileSync(
  join(folder, "tsconfig.json"),
  JSON.stringify({
    extends: "../../tsconfig.json",
    compilerOptions: { rootDir: "../..", noUnusedLocals: false, noUnusedParameters: false },
    include: ["*.ts"],
  }),
);
const { status, stdout } = spawnSync("tsc", ["-p", folder], { encoding: "utf8" });
console.log(stdout);
console.log(`${count} snippets of ${documents.length} documents compiled`);
process.exitCode = status ?? 1;
