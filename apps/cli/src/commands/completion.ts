import type { Command } from "commander";
import { bashScript } from "../completion/bash-script.ts";
import { commandTree, type CompletedCommand } from "../completion/command-tree.ts";
import { fishScript } from "../completion/fish-script.ts";
import { zshScript } from "../completion/zsh-script.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import type { Shell } from "../completion/shell.ts";
import { print } from "../terminal/print.ts";

const SCRIPTS: Readonly<Record<Shell, (program: CompletedCommand) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

/** `parrot completion`: prints the script with which a shell completes commands and options. */
export function completion(shell: Shell, program: Command): ExitCode {
  print(SCRIPTS[shell](commandTree(program)));
  return EXIT.ok;
}
