import { Option, type Command } from "commander";
import { MANDATORY, type Flag, type Flags } from "./flag.ts";
import { FLAG_GROUPS, type FlagGroup } from "./flag-group.ts";

/**
 * Gives a command its options. The command gets their values as `ValuesOf` the rows. Its help has the options of no
 * group first, and then the groups in their order.
 */
export function addFlags(command: Command, flags: Flags): Command {
  const needed: Option[] = [];
  for (const row of Object.values(flags).toSorted((one, other) => placeOf(one) - placeOf(other))) {
    const option = optionOf(row);
    command.addOption(inGroup(option, row.group));
    if (row.default === MANDATORY) needed.push(option);
    if (row.negated !== undefined)
      command.addOption(inGroup(new Option(row.negated.flag, row.negated.help), row.group));
    // Set without the help showing it.
    if (isNothing(row.default))
      command.setOptionValueWithSource(option.attributeName(), row.default, "default");
  }
  return command.hook("preAction", () => requireOptions(command, needed));
}

/**
 * Refuses a command that lacks an option. Commander would do so before it looks for options that it does not know, and
 * so tell who has misspelt one that it is not there.
 */
function requireOptions(command: Command, needed: readonly Option[]): void {
  const missing = needed.find((option) => command.getOptionValue(option.attributeName()) === undefined);
  if (missing !== undefined) command.error(`error: required option '${missing.flags}' not specified`);
}

function placeOf({ group }: Flag<unknown>): number {
  return group === undefined ? -1 : FLAG_GROUPS.indexOf(group);
}

function inGroup(option: Option, group: FlagGroup | undefined): Option {
  return group === undefined ? option : option.helpGroup(`${group}:`);
}

function optionOf({ flag, kind, default: usual, help, without }: Flag<unknown>): Option {
  const option = new Option(flag, without === undefined ? help : `${help} (default: ${without})`);
  if (kind.choices !== undefined) option.choices(kind.choices);
  else if (!option.isBoolean() && !option.negate) option.argParser((text, before) => kind.read(text, before));
  // Commander sets an option to true where its `--no-…` is not given.
  if (usual !== MANDATORY && !option.negate && !isNothing(usual)) option.default(usual);
  return option;
}

/** Whether a default needs no words in the help: it only says that what is not asked for is not done. */
function isNothing(usual: unknown): boolean {
  return usual === false || (Array.isArray(usual) && usual.length === 0);
}
