import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { shellWord, windowsWord } from "./shell-word.ts";

const SHELLS = ["sh", "dash", "bash", "zsh", "ksh", "fish"].filter(
  (shell) => process.platform !== "win32" && spawnSync(shell, ["-c", "true"]).status === 0,
);

/** Each would get out of quotes that some shell reads otherwise. */
const ATTACKS = [
  "x'; touch owned; #",
  "x'; touch owned; #\u001B",
  String.raw`\'; touch owned; #`,
  "x\\",
  "; touch owned; #",
  "$(touch owned) `touch owned`",
  "\u2019; touch owned; #\n",
  "=touch",
];

it.skipIf(SHELLS.length === 0).each(SHELLS)(
  "a word written for a shell runs nothing of a stranger's text in %s",
  (shell) => {
    const folder = mkdtempSync(join(tmpdir(), "parrot-shell-"));
    try {
      for (const attack of ATTACKS)
        for (const line of [`: ${shellWord(attack)}`, `: ${ATTACKS.map(shellWord).join(" ")}`]) {
          // Without a language that has all characters, zsh takes no word with one of them.
          const env = { ...process.env, LC_ALL: "C.UTF-8" };
          const { status } = spawnSync(shell, ["-c", line], { cwd: folder, env });
          expect([shell, attack, status, readdirSync(folder)]).toEqual([shell, attack, 0, []]);
        }
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);

it.each([
  [String.raw`C:\data\in.csv`, String.raw`C:\data\in.csv`],
  [String.raw`C:\my data\in.csv`, String.raw`"C:\my data\in.csv"`],
  ["a & calc", String.raw`$'a \046 calc'`],
  ['a" & calc', String.raw`$'a\042 \046 calc'`],
  ["'; calc; '", String.raw`$'\047\073 calc\073 \047'`],
  ["\u2019; calc", String.raw`$'\U00002019\073 calc'`],
  ["%PATH%", String.raw`$'\045PATH\045'`],
  ["$(calc)", String.raw`$'\044\050calc\051'`],
  ["a b\\", String.raw`$'a b\134'`],
])(
  "a word written for a shell on Windows has nothing in it that cmd or PowerShell acts on: %j",
  (text, word) => {
    expect(windowsWord(text)).toBe(word);
  },
);
