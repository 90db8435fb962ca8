import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { formatFiles } from "./format-files.ts";
import { formatMarkdown } from "./format-markdown.ts";
import { PARTS } from "./parts.ts";
import { PICTURES } from "./pictures.ts";
import { readResults, type PartResult } from "./results.ts";

const README = join(import.meta.dirname, "../README.md");
const RESULTS = join(import.meta.dirname, "../results");
const BEGIN = "<!-- results, written by `bench --write-readme` -->";
const END = "<!-- end of results -->";

/** Puts the latest results between the marks in the README, and draws the pictures. @throws Error without marks */
export async function writeReadme(): Promise<void> {
  const results = await readResults();
  const sections = Object.entries(PARTS).flatMap(([name, { title }]) => {
    const result = Object.entries(results).find(([part]) => part === name)?.[1];
    return result === undefined ? [] : [formatSection(title, result)];
  });
  const readme = await readFile(README, "utf8");
  const [before, rest] = readme.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) {
    throw new Error(`Cannot find the marks "${BEGIN}" and "${END}" in ${README}`);
  }
  await writeFile(README, [`${before}${BEGIN}`, ...sections, `${END}${after}`].join("\n\n"));
  await formatFiles([README]);
  for (const [name, picture] of Object.entries(PICTURES)) {
    const result = Object.entries(results).find(([part]) => part === name)?.[1];
    const drawn = result === undefined ? undefined : picture.draw(result);
    if (drawn !== undefined) await writeFile(join(RESULTS, picture.file), drawn);
  }
}

function formatSection(title: string, result: PartResult): string {
  const date = result.measuredAt.slice(0, 10);
  return `### ${title}\n\nMeasured on ${date} in ${result.seconds} s: ${result.machine}.\n\n${formatMarkdown(result)}`;
}
