/** Makes the page of its sources: one script and one style sheet without anything from elsewhere, and tells their size. */
import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const FOLDER = "dist/page";
/** What the page may weigh: it opens at once, and stays small enough to be read. */
const MOST_BYTES = 100_000;

mkdirSync(FOLDER, { recursive: true });
await build({
  entryPoints: { page: "page/main.tsx" },
  outdir: FOLDER,
  bundle: true,
  format: "esm",
  target: ["es2022"],
  minify: true,
  legalComments: "inline",
  jsx: "automatic",
  jsxImportSource: "preact",
  logLevel: "warning",
});
await build({ entryPoints: ["page/page.css"], outdir: FOLDER, minify: true, logLevel: "warning" });
copyFileSync("page/index.html", `${FOLDER}/index.html`);

const files = ["index.html", "page.js", "page.css"].map((name) => readFileSync(`${FOLDER}/${name}`));
const bytes = files.reduce((sum, { length }) => sum + length, 0);
if (bytes > MOST_BYTES) throw new Error(`The page has ${bytes} bytes; ${MOST_BYTES} are allowed`);
if (process.argv.includes("--size")) {
  const packed = files.reduce((sum, file) => sum + gzipSync(file).length, 0);
  console.log(`${bytes} bytes, ${packed} with gzip`);
}
