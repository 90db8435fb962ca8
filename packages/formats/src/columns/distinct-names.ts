import { invalidInput, type InputName } from "../source/input-name.ts";

/** The first name that comes a second time. */
export function repeatedName(names: Iterable<string>): string | undefined {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) return name;
    seen.add(name);
  }
  return undefined;
}

/** @throws ParrotError `INVALID_INPUT` where two columns of a file have one name, as no row can have both */
export function requireDistinctNames(names: Iterable<string>, input: InputName): void {
  const twice = repeatedName(names);
  if (twice !== undefined)
    throw invalidInput(input, {}, `it has two columns called "${twice}"; write it with other names`);
}
