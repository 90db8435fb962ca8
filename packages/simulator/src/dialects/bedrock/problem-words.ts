import { asText } from "../../json-value.ts";
import type { BodyPath, BodyProblem, ExpectedType } from "../../validation/check-body.ts";
import type { SimError } from "../../dialect.ts";

const TYPES: Readonly<Record<ExpectedType, string>> = {
  string: "String",
  stringOrList: "String",
  number: "Float",
  integer: "Integer",
  boolean: "Boolean",
  list: "List",
  object: "Structure",
};

/** Puts a problem of a request body into the words of AWS, which counts the members of lists from 1. */
export function wordBedrock(problem: BodyProblem): SimError {
  switch (problem.kind) {
    case "unknown": {
      const parent = problem.path.slice(0, -1).map((step) => `/${step}`);
      return validation(
        `The model returned the following errors: Malformed input request: #${parent.join("")}: extraneous key ` +
          `[${String(problem.path.at(-1))}] is not permitted, please reformat your input and try again.`,
      );
    }
    case "missing":
      return constraint("null", problem.path, "Member must not be null");
    case "wrongType": {
      const message = `${typeof problem.value} value cannot be converted to ${TYPES[problem.expected]}`;
      return { kind: "badRequest", message, code: "SerializationException" };
    }
    case "wrongValue": {
      const values = `Member must satisfy enum value set: [${problem.values.join(", ")}]`;
      return constraint(`'${asText(problem.value)}'`, problem.path, values);
    }
    case "outOfRange":
    default: {
      const { type, bound, limit, value } = problem;
      const what = type === "list" || type === "string" ? "length" : "value";
      const order = bound === "min" ? "greater" : "less";
      const rule = `Member must have ${what} ${order} than or equal to ${limit}`;
      return constraint(`'${JSON.stringify(value)}'`, problem.path, rule);
    }
  }
}

export function validation(message: string): SimError {
  return { kind: "badRequest", message };
}

function constraint(value: string, path: BodyPath, rule: string): SimError {
  const place = path.map((step) => (typeof step === "number" ? `${step + 1}.member` : step)).join(".");
  return validation(
    `1 validation error detected: Value ${value} at '${place}' failed to satisfy constraint: ${rule}`,
  );
}
