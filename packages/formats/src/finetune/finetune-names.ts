import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ParrotError } from "@parallel-parrot/core";
import { filePath } from "../file-path.ts";
import { fileId } from "../sink/file-id.ts";
import { extensionOf } from "../compression.ts";
import { formatOf } from "../format-of.ts";

/** The names of a set of training files. */
export interface FinetuneNames {
  /** The name of the first, second… file: `train.jsonl` alone, or `train.0001.jsonl` in a split. */
  at(number: number): string;
  /** The name of the file of examples to validate with: `train.validation.jsonl`. */
  readonly validation: string;
  /** The files of a set with this output that exist already, however it was split. */
  existing(): Promise<readonly string[]>;
  /** Those of existing files that a set can have, which has all numbers from 1 on. */
  ofSet(existing: readonly string[]): readonly string[];
}

/** @throws ParrotError `INVALID_OPTION` where the output is not a JSONL file */
export function finetuneNames(output: string | URL, split: boolean): FinetuneNames {
  const path = filePath(output);
  if (path === "-" || formatOf(path).format !== "jsonl") {
    throw new ParrotError(
      "INVALID_OPTION",
      `Cannot write fine-tuning examples to "${path}": the output must be a file whose name ends in .jsonl, .jsonl.gz or .jsonl.zst`,
      { option: "output" },
    );
  }
  const extension = extensionOf(path);
  const stem = path.slice(0, path.length - extension.length);
  const validation = `${stem}.validation${extension}`;
  const numbered = (number: number): string => `${stem}.${String(number).padStart(4, "0")}${extension}`;
  return {
    at: (number) => (split ? numbered(number) : path),
    validation,
    ofSet(existing) {
      const names = new Map(existing.map((name) => [basename(name), name]));
      const found = [path, validation].map((name) => names.get(basename(name)));
      for (let number = 1; names.has(basename(numbered(number))); number += 1)
        found.push(names.get(basename(numbered(number))));
      return found.filter((name) => name !== undefined).toSorted();
    },
    async existing() {
      const folder = dirname(path);
      const start = `${basename(stem)}.`;
      const isNumbered = (name: string): boolean =>
        name.startsWith(start) &&
        name.endsWith(extension) &&
        /^\d{4,}$/.test(name.slice(start.length, name.length - extension.length));
      const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
      return entries
        .filter((entry) => !entry.isDirectory())
        .map(({ name }) => name)
        .filter((name) => name === basename(path) || name === basename(validation) || isNumbered(name))
        .map((name) => join(folder, name))
        .toSorted();
    },
  };
}

/** Rows are read while their examples are written, so the input cannot be an output as well. */
export async function requireOthers(paths: readonly string[], inputs: readonly string[]): Promise<void> {
  const names = new Map<string, string>();
  for (const input of inputs) {
    const id = await fileId(input);
    if (id !== undefined) names.set(id, input);
  }
  if (names.size === 0) return;
  for (const path of paths) {
    const input = names.get((await fileId(path)) ?? "");
    if (input === undefined) continue;
    throw new ParrotError(
      "INVALID_OPTION",
      `Cannot write ${path}: it is the input ${input}, whose rows would be lost; give the output another name`,
      { file: path, option: "output" },
    );
  }
}
