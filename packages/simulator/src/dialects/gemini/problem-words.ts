import type { BodyPath, BodyProblem, ExpectedType } from "../../validation/check-body.ts";
import type { SimError } from "../../dialect.ts";

const TYPES: Readonly<Record<ExpectedType, string>> = {
  string: "TYPE_STRING",
  stringOrList: "TYPE_STRING",
  number: "TYPE_FLOAT",
  integer: "TYPE_INT32",
  boolean: "TYPE_BOOL",
  list: "Array",
  object: "Object",
};

/** Puts a problem of a request body into the words of Google's APIs, which write fields in snake case. */
export function wordGemini(problem: BodyProblem): SimError {
  const field = formatPath(problem.path);
  switch (problem.kind) {
    case "unknown": {
      const parent = formatPath(problem.path.slice(0, -1));
      const where = parent === "" ? "" : ` at '${parent}'`;
      const name = String(problem.path.at(-1));
      return blame(
        parent,
        `Invalid JSON payload received. Unknown name "${name}"${where}: Cannot find field.`,
      );
    }
    case "wrongType":
      return blame(
        field,
        `Invalid value at '${field}' (${TYPES[problem.expected]}), ${JSON.stringify(problem.value)}`,
      );
    case "wrongValue":
      return blame(field, `Invalid value at '${field}' (TYPE_ENUM), ${JSON.stringify(problem.value)}`);
    case "missing":
      return tell(field, `${String(problem.path.at(-1))} is not specified`);
    case "outOfRange":
    default:
      return tell(field, describeRange(problem));
  }
}

function describeRange({ type, bound, limit, actual }: Extract<BodyProblem, { kind: "outOfRange" }>): string {
  const what = type === "list" || type === "string" ? "the length must be" : "must be";
  return `${what} ${bound === "min" ? "at least" : "at most"} ${limit}, got ${actual}`;
}

/** The error for a problem that the parser of the JSON finds. */
function blame(field: string, message: string): SimError {
  const details = [
    {
      "@type": "type.googleapis.com/google.rpc.BadRequest",
      fieldViolations: [{ ...(field !== "" && { field }), description: message }],
    },
  ];
  return { kind: "badRequest", message, details };
}

/** The error for a problem that the API itself finds. */
function tell(field: string, message: string): SimError {
  return { kind: "badRequest", message: `* GenerateContentRequest.${field}: ${message}\n` };
}

/** Formats a path as in `contents[0].inline_data`. */
function formatPath(path: BodyPath): string {
  return path
    .map((step, index) =>
      typeof step === "number" ? `[${step}]` : `${index === 0 ? "" : "."}${toSnakeCase(step)}`,
    )
    .join("");
}

function toSnakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
