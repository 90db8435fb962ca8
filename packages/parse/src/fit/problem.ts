import { isRecord, stringifyJson } from "@parallel-parrot/core";

/** What is wrong with one place of an answer. */
export interface Problem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

const MAX_PROBLEMS = 5;
const MAX_VALUE_LENGTH = 60;
const MAX_LINE_LENGTH = 200;

/** The first five problems in one line, for a person and for the model that is asked again. */
export function describeProblems(problems: readonly Problem[]): string {
  const shown = problems.slice(0, MAX_PROBLEMS).map(({ path, message }) => {
    const place = pathText(path);
    return oneLine(place === "" ? message : `${place}: ${message}`);
  });
  const more = problems.length - shown.length;
  return `${shown.join("; ")}${more > 0 ? `; and ${more} more` : ""}`;
}

/** A value for a message, shortened. */
export function describeValue(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (isRecord(value)) return "an object";
  const json = stringifyJson(value) ?? typeof value;
  return json.length > MAX_VALUE_LENGTH ? `${json.slice(0, MAX_VALUE_LENGTH)}…` : json;
}

/** A text without line breaks and other control characters, shortened. */
export function oneLine(text: string): string {
  // Cut first: an answer can be long.
  const line = text
    .slice(0, MAX_LINE_LENGTH)
    .toWellFormed()
    .replaceAll(/[\p{Cc}\u2028\u2029]+/gu, " ");
  return text.length > MAX_LINE_LENGTH ? `${line}…` : line;
}

/** `items[2].answer`, and `items[2]["odd key"]`. */
function pathText(path: readonly PropertyKey[]): string {
  let text = "";
  for (const key of path) {
    if (typeof key === "number") text += `[${key}]`;
    else if (/^[A-Za-z_$][\w$]*$/.test(String(key))) text += text === "" ? String(key) : `.${String(key)}`;
    else text += `[${JSON.stringify(String(key))}]`;
  }
  return text;
}
