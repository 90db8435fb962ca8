import { isRecord, ParrotError } from "@parallel-parrot/core";
import { PARAM_NAMES, type ParamName } from "../generation-params.ts";
import { fieldsOf, mergeFields, type Fields } from "../json-fields.ts";
import type { Amendment, Call } from "../provider.ts";

/** Writes the fields of a body that a call asks for. */
export type FieldsWriter = (call: Call, amendments: ReadonlySet<Amendment>) => Fields;

/** What sets a field of the body that nobody may set as an extra one. */
type FieldOwner = "model" | "prompt" | "n" | "output" | "stream";

/** What an API needs for {@linkcode withExtraBody}. */
export interface ExtraBodyRules {
  readonly info: { readonly displayName: string };
  readonly extraBody: Fields | undefined;
  /** By the paths of the fields, such as `generationConfig.candidateCount`. */
  readonly owners: Readonly<Record<string, FieldOwner>>;
  /** Amendments that give a parameter another name in the body. @default none */
  readonly renaming?: readonly Amendment[];
}

/**
 * Adds the extra fields of a user to those that an API's adapter writes. Objects are merged.
 *
 * @throws ParrotError `INVALID_OPTION` for a field that another option sets; the writer that is returned throws the
 * same for a parameter that is set in both ways
 */
export function withExtraBody(write: FieldsWriter, rules: ExtraBodyRules): FieldsWriter {
  const { extraBody = {} } = rules;
  if (Object.keys(extraBody).length === 0) return write;
  refuseOwned(extraBody, rules);
  let checked: Call["params"] | undefined;
  return (call, amendments) => {
    // In a run all calls have the same parameters.
    if (call.params !== checked) refuseTwice(call, write, rules);
    checked = call.params;
    return mergeFields(write(call, amendments), extraBody);
  };
}

const OWNER_WORDS: Readonly<Record<FieldOwner, string>> = {
  model: "the option model sets it",
  prompt: "the prompt sets it",
  n: "the option n sets it",
  output: "the wanted output sets it",
  stream: "the option stream sets it",
};

function refuseOwned(extraBody: Fields, { info, owners }: ExtraBodyRules): void {
  for (const [path, owner] of Object.entries(owners)) {
    if (!isSet(extraBody, path.split("."))) continue;
    throw new ParrotError(
      "INVALID_OPTION",
      `Cannot add the field ${path} to the body of requests to ${info.displayName}: ${OWNER_WORDS[owner]}`,
      { option: `extraBody, ${owner}` },
    );
  }
}

/** Whether a field is set, or replaced by a value in the place of what it is in. */
function isSet(fields: unknown, [name = "", ...rest]: readonly string[]): boolean {
  if (!isRecord(fields)) return true;
  if (!Object.hasOwn(fields, name)) return false;
  return rest.length === 0 || isSet(fields[name], rest);
}

/** Refuses a parameter that is given as an option, and as an extra field too: one of the two would be lost. */
function refuseTwice(
  call: Call,
  write: FieldsWriter,
  { info, extraBody = {}, renaming = [] }: ExtraBodyRules,
): void {
  const names = [undefined, ...renaming].map(
    (amendment) => new Set(amendment === undefined ? [] : [amendment]),
  );
  const fieldsWith = (params: Call["params"], amendments: ReadonlySet<Amendment>): Fields =>
    write({ ...call, params }, amendments);
  for (const param of PARAM_NAMES) {
    if (call.params[param] === undefined) continue;
    for (const amendments of names) {
      const field = sharedField(
        extraBody,
        fieldsWith({ [param]: call.params[param] }, amendments),
        fieldsWith({}, amendments),
      );
      if (field !== undefined) throw givenTwice(field, param, info.displayName);
    }
  }
}

/** The path of the first extra field that a parameter sets as well; what it sets differs from what is usual. */
function sharedField(extra: Fields, set: Fields, usual: Fields): string | undefined {
  for (const [name, value] of Object.entries(extra)) {
    const own = set[name];
    if (isRecord(own) && isRecord(value)) {
      const inner = sharedField(value, own, fieldsOf(usual[name]));
      if (inner !== undefined) return `${name}.${inner}`;
    } else if (own !== undefined && JSON.stringify(own) !== JSON.stringify(usual[name])) return name;
  }
  return undefined;
}

function givenTwice(field: string, param: ParamName, displayName: string): ParrotError {
  return new ParrotError(
    "INVALID_OPTION",
    `Cannot send ${field} to ${displayName} twice: the option ${param} sets it, and it is among the extra fields of the body`,
    { option: `extraBody, ${param}` },
  );
}
