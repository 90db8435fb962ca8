import { Option, type Command } from "commander";
import { MANDATORY, type Flag, type Flags } from "./flag.ts";

/** Gives a command its options. It gets their values as `ValuesOf` the rows. */
export function addFlags(command: Command, flags: Flags): Command {
  for (const row of Object.values(flags)) {
    command.addOption(optionOf(row));
    if (row.orNot !== undefined) command.addOption(new Option(row.orNot.flag, row.orNot.says));
  }
  return command;
}

function optionOf({ flag, kind, default: usual, says, without }: Flag<unknown>): Option {
  const option = new Option(flag, without === undefined ? says : `${says}; without, ${without}`);
  if (kind.choices !== undefined) option.choices(kind.choices);
  else if (!option.isBoolean() && !option.negate) option.argParser((text, before) => kind.read(text, before));
  if (usual === MANDATORY) option.makeOptionMandatory();
  // Without its `--no-…`, such an option is on: commander knows.
  else if (!option.negate) option.default(usual);
  return option;
}
