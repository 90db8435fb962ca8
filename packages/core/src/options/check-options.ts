import { nearestNames } from "./nearest-names.ts";
import { isObject } from "../cells/is-object.ts";
import { kindOf, type OptionCheck, type OptionChecks, type OptionProblem } from "./option-check.ts";
import { ParrotError } from "../errors/parrot-error.ts";

/**
 * Checks the options of a call before anything runs: for callers in plain JavaScript, and for types that a cast
 * has silenced. An option set to `undefined` counts as left out.
 *
 * @param caller what they are options of, such as `generateText`
 * @throws ParrotError `INVALID_OPTION` that names the option: one that does not exist, with the nearest that do;
 *   one that is missing; one of another kind than expected
 */
export function checkOptions<O extends object>(
  caller: string,
  options: unknown,
  checks: OptionChecks<O>,
): void {
  const problem = problemOfOptions(options, checks, { path: "", of: caller });
  if (problem !== undefined) throw invalidOption(caller, problem);
}

/**
 * Checks one argument of a call, as an option of that name.
 *
 * @throws ParrotError `INVALID_OPTION`
 */
export function checkArgument(caller: string, name: string, value: unknown, check: OptionCheck): void {
  const problem =
    value === undefined && check.required !== undefined
      ? { option: name, message: `it is missing; expected ${check.required}` }
      : check.problemOf(value, name);
  if (problem !== undefined) throw invalidOption(caller, problem);
}

function invalidOption(caller: string, { option, message }: OptionProblem): ParrotError {
  return new ParrotError(
    "INVALID_OPTION",
    option === ""
      ? `Cannot use the options of ${caller}: ${message}`
      : `Cannot use the option ${option}: ${message}`,
    { option: option === "" ? "options" : option },
  );
}

/** Checks an option that is itself an object of options. */
export function optionsOf<O extends object>(checks: OptionChecks<O>): OptionCheck {
  return { problemOf: (value, option) => problemOfOptions(value, checks, { path: option, of: option }) };
}

/** Those of the options that these checks know, for a call that takes no others. */
export function pickOptions<O extends object>(options: object, checks: OptionChecks<O>): Partial<O> {
  return Object.fromEntries(
    Object.keys(checks).flatMap((name) => {
      const value: unknown = Reflect.get(options, name);
      return value === undefined ? [] : [[name, value]];
    }),
  ) as Partial<O>;
}

function problemOfOptions<O extends object>(
  options: unknown,
  checks: OptionChecks<O>,
  { path, of }: { readonly path: string; readonly of: string },
): OptionProblem | undefined {
  // What is given in place of the options may be an API key, so it is not shown.
  if (!isObject(options) || Array.isArray(options))
    return { option: path, message: `expected an object${needsOf(checks)}, got ${kindOf(options)}` };
  const nameOf = (name: string): string => (path === "" ? name : `${path}.${name}`);
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(checks, name));
  if (unknown !== undefined)
    return { option: nameOf(unknown), message: noSuchOption(unknown, of, Object.keys(checks)) };
  for (const [name, check] of Object.entries<OptionCheck>(checks)) {
    const value: unknown = Reflect.get(options, name);
    if (value !== undefined) {
      const problem = check.problemOf(value, nameOf(name));
      if (problem !== undefined) return problem;
    } else if (check.required !== undefined) {
      return { option: nameOf(name), message: `it is missing; expected ${check.required}` };
    }
  }
  return undefined;
}

function needsOf<O extends object>(checks: OptionChecks<O>): string {
  const needs = Object.entries<OptionCheck>(checks).flatMap(([name, check]) =>
    check.required === undefined ? [] : [name],
  );
  return needs.length === 0 ? "" : ` with ${needs.join(" and ")}`;
}

function noSuchOption(name: string, of: string, known: readonly string[]): string {
  const near = nearestNames(name, known);
  if (near.length > 0) return `${of} has no such option; did you mean ${near.join(" or ")}?`;
  return `${of} has no such option; its options are ${known.toSorted().join(", ")}`;
}
