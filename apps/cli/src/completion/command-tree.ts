import type { Command, Option } from "commander";

/** A command as a shell completes it. */
export interface CompletedCommand {
  /** Its words behind `parrot`: `journal show`; empty for `parrot` itself. */
  readonly path: string;
  readonly summary: string;
  readonly options: readonly CompletedOption[];
  /** The commands below it. */
  readonly commands: readonly CompletedCommand[];
  readonly takesFiles: boolean;
}

/** An option as a shell completes it. */
export interface CompletedOption {
  /** All of its spellings: `-o`, `--output`. */
  readonly flags: readonly string[];
  /** What it does, in a few words. */
  readonly help: string;
  /** What follows it: nothing, one of a few texts, a file or folder, or any text. */
  readonly value: "none" | "choice" | "file" | "text";
  readonly choices: readonly string[];
}

/** All commands of a program, made of its options, which are made of the tables of flags. */
export function commandTree(command: Command, path: readonly string[] = []): CompletedCommand {
  const help = command.createHelp();
  return {
    path: path.join(" "),
    summary: short(command.summary() || command.description()),
    options: help.visibleOptions(command).map(optionOf),
    commands: help
      .visibleCommands(command)
      .filter((each) => each.name() !== "help")
      .map((each) => commandTree(each, [...path, each.name()])),
    takesFiles: command.registeredArguments.some(({ argChoices }) => argChoices === undefined),
  };
}

/** A command and all below it. */
export function everyCommand(command: CompletedCommand): readonly CompletedCommand[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

function optionOf(option: Option): CompletedOption {
  const { short: letter, long, argChoices: choices = [], flags } = option;
  const takesValue = option.required || option.optional;
  const isFile = /<(?:file|folder)>/.test(flags);
  return {
    flags: [letter, long].filter((each) => each !== undefined),
    help: short(option.description),
    value: takesValue ? (choices.length > 0 ? "choice" : isFile ? "file" : "text") : "none",
    choices,
  };
}

const MOST_CHARACTERS = 70;

function short(text: string): string {
  const [clause = ""] = text.split(/;|\. |\n/, 1);
  return clause.length > MOST_CHARACTERS ? `${clause.slice(0, MOST_CHARACTERS)}…` : clause;
}
