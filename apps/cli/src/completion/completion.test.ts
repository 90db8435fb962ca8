// @module-tag slow

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createProgram } from "../program.ts";
import { bashScript } from "./bash-script.ts";
import { commandTree, everyCommand } from "./command-tree.ts";
import { fishScript } from "./fish-script.ts";
import { zshScript } from "./zsh-script.ts";

const TREE = commandTree(createProgram("0.0.0", () => undefined));

const has = (shell: string): boolean => spawnSync(shell, ["--version"]).status === 0;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "parrot-completion-"));
  await writeFile(join(folder, "parrot.bash"), bashScript(TREE));
  await writeFile(join(folder, "_parrot"), zshScript(TREE));
  await writeFile(join(folder, "parrot.fish"), fishScript(TREE));
  await writeFile(join(folder, "rows.csv"), "a\n");
});
afterAll(() => rm(folder, { recursive: true }));

describe("commandTree", () => {
  it("commandTree has every command, and the options of its table with their choices", () => {
    const paths = everyCommand(TREE).map(({ path }) => path);
    for (const path of ["text", "columns", "explain data", "journal prune", "score", "completion"])
      expect(paths).toContain(path);
    const text = everyCommand(TREE).find(({ path }) => path === "text");
    expect(text?.options.find(({ flags }) => flags.includes("--output"))).toMatchObject({
      flags: ["-o", "--output"],
      value: "file",
    });
    expect(text?.options.find(({ flags }) => flags.includes("--order"))).toMatchObject({
      value: "choice",
      choices: ["input", "completion"],
    });
  });
});

/** Lines, each a command line up to where Tab is pressed, with some of what is offered there and what is not. */
const LINES: readonly (readonly [line: string, offered: readonly string[], not: string])[] = [
  ["parrot ", ["text", "columns", "journal", "score"], "show"],
  ["parrot jou", ["journal"], "text"],
  ["parrot journal ", ["show", "export", "prune"], "text"],
  ["parrot batch ", ["list", "cancel", "forget"], "text"],
  ["parrot text --from ", ["csv", "parquet", "jsonl"], "show"],
  ["parrot text rows.csv --comp", ["--compare", "--compare-as"], "--columns"],
  ["parrot explain columns --ke", ["--keys"], "--key-file,"],
  ["parrot text --prompt text --on-failure ", ["drop", "null", "stop"], "keep"],
  ["parrot score --ag", ["--against"], "--model"],
];

describe.skipIf(!has("bash"))("completion in bash", () => {
  it.each(LINES)("bash offers for: %s", (line, offered, not) => {
    const words = line.split(" ");
    const script =
      'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _parrot 2>/dev/null; printf "%s\\n" "${COMPREPLY[@]}"';
    const found = execFileSync(
      "bash",
      ["--norc", "-c", script, "bash", join(folder, "parrot.bash"), ...words],
      { encoding: "utf8" },
    ).split("\n");
    expect(found).toEqual(expect.arrayContaining([...offered]));
    expect(found).not.toContain(not);
  });
});

describe.skipIf(!has("fish"))("completion in fish", () => {
  it.each(LINES)("fish offers for: %s", (line, offered, not) => {
    const script = 'source $argv[1]; complete -C "$argv[2]"';
    const found = execFileSync("fish", ["--no-config", "-c", script, join(folder, "parrot.fish"), line], {
      encoding: "utf8",
      cwd: folder,
    })
      .split("\n")
      .map((each) => each.split("\t", 1)[0]);
    expect(found).toEqual(expect.arrayContaining([...offered]));
    expect(found).not.toContain(not);
  });
});

/** Types a line and Tab into a zsh on a terminal, and reads until everything is shown that is to be offered. */
const ZSH = `
zmodload zsh/zpty
zpty z "zsh -f -i"
zpty -w z "fpath=($1 \\$fpath); PROMPT=; autoload -Uz compinit; compinit -u -D; COLUMNS=200; LISTMAX=1000; cd $1; print REA''DY"
while zpty -r z line; do [[ $line == *READY* ]] && break; done
zpty -w -n z "$2"$'\\t'
shift 2
# The list is sorted: when the last is there, all are.
zpty -r z shown "*\${@[-1]}*"
for word in "$@"; do [[ $shown == *$word* ]] || exit 1; done
exit 0
`;

describe.skipIf(!has("zsh"))("completion in zsh", () => {
  // Of candidates that begin alike, zsh types the beginning first, and lists none.
  it.each(LINES.filter(([line]) => line === "parrot journal " || line === "parrot text --from "))(
    "zsh offers for: %s",
    (line, offered) => {
      const { status, stderr } = spawnSync(
        "zsh",
        ["-f", "-c", ZSH, "zsh", folder, line, ...offered.toSorted()],
        {
          encoding: "utf8",
        },
      );
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    },
  );
});
