import type { BodyPath, BodyProblem, ExpectedType } from "../../validation/check-body.ts";
import type { SimError } from "../../dialect.ts";
import { bad, missing, outOfRange, unknown, wrongType, wrongValue } from "./problems.ts";

const EXPECTED: Readonly<Record<ExpectedType, string>> = {
  string: "a string",
  stringOrList: "one of a string or array of objects",
  number: "a decimal",
  integer: "an integer",
  boolean: "a boolean",
  list: "an array",
  object: "an object",
};

/** Puts a problem of a request body into the words of the OpenAI API. */
export function wordOpenai(problem: BodyProblem): SimError {
  const param = formatPath(problem.path);
  switch (problem.kind) {
    case "unknown":
      return unknown(param);
    case "missing":
      return missing(param);
    case "wrongType":
      return param === ""
        ? bad("Invalid type for request body: expected an object.")
        : wrongType(param, EXPECTED[problem.expected]);
    case "wrongValue":
      return wrongValue(param, problem.value, problem.values);
    case "outOfRange":
    default:
      return wordRange(param, problem);
  }
}

function wordRange(param: string, problem: Extract<BodyProblem, { kind: "outOfRange" }>): SimError {
  const { type, bound, limit, actual } = problem;
  if (type === "integer" || type === "number")
    return outOfRange(param, type === "integer" ? "integer" : "decimal", problem);
  const [name, unit] = type === "list" ? ["array", "elements"] : ["string", "characters"];
  const least = bound === "min";
  return bad(
    `Invalid '${param}': ${name} too ${least ? "short" : "long"}. Expected ${least ? "at least" : "at most"} ` +
      `${limit} ${unit}, but got ${actual} instead.`,
    { param, code: `${name}_${least ? "below_min" : "above_max"}_length` },
  );
}

/** Formats a path as in `input[0].content`. */
function formatPath(path: BodyPath): string {
  return path
    .map((step, index) => (typeof step === "number" ? `[${step}]` : `${index === 0 ? "" : "."}${step}`))
    .join("");
}
