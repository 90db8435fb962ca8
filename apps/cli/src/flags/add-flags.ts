import { Option, type Command } from "commander";
import { MANDATORY, type Flag, type Flags } from "./flag.ts";

/** Gives a command its options. The command gets their values as `ValuesOf` the rows. */
export function addFlags(command: Command, flags: Flags): Command {
  for (const row of Object.values(flags)) {
    command.addOption(optionOf(row));
    if (row.negated !== undefined) command.addOption(new Option(row.negated.flag, row.negated.help));
  }
  return command;
}

function optionOf({ flag, kind, default: usual, help, without }: Flag<unknown>): Option {
  const option = new Option(flag, without === undefined ? help : `${help}; without, ${without}`);
  if (kind.choices !== undefined) option.choices(kind.choices);
  else if (!option.isBoolean() && !option.negate) option.argParser((text, before) => kind.read(text, before));
  if (usual === MANDATORY) option.makeOptionMandatory();
  // Commander sets an option to true where its `--no-…` is not given.
  else if (!option.negate) option.default(usual);
  return option;
}
