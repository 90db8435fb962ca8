import type { BodyProblem, ExpectedType } from "./check-body.ts";

/** A problem in the words of Pydantic, with which some APIs check requests. */
export interface PydanticProblem {
  readonly type: string;
  readonly message: string;
}

const TYPES: Readonly<Record<ExpectedType, PydanticProblem>> = {
  string: { type: "string_type", message: "Input should be a valid string" },
  stringOrList: { type: "string_type", message: "Input should be a valid string" },
  number: { type: "float_type", message: "Input should be a valid number" },
  integer: { type: "int_type", message: "Input should be a valid integer" },
  boolean: { type: "bool_type", message: "Input should be a valid boolean" },
  list: { type: "list_type", message: "Input should be a valid list" },
  object: { type: "dict_type", message: "Input should be an object" },
};

/** Puts a problem of a request body into Pydantic's words. */
export function wordPydantic(problem: BodyProblem): PydanticProblem {
  switch (problem.kind) {
    case "unknown":
      return { type: "extra_forbidden", message: "Extra inputs are not permitted" };
    case "missing":
      return { type: "missing", message: "Field required" };
    case "wrongType":
      return TYPES[problem.expected];
    case "wrongValue":
      return { type: "literal_error", message: `Input should be ${listValues(problem.values)}` };
    case "outOfRange":
    default:
      return wordRange(problem);
  }
}

function wordRange({
  type,
  bound,
  limit,
  actual,
}: Extract<BodyProblem, { kind: "outOfRange" }>): PydanticProblem {
  const least = bound === "min";
  const atWhat = least ? "at least" : "at most";
  if (type === "string") {
    const message = `String should have ${atWhat} ${limit} character${limit === 1 ? "" : "s"}`;
    return { type: least ? "string_too_short" : "string_too_long", message };
  }
  if (type === "list") {
    const message = `List should have ${atWhat} ${limit} item${limit === 1 ? "" : "s"} after validation, not ${actual}`;
    return { type: least ? "too_short" : "too_long", message };
  }
  return {
    type: least ? "greater_than_equal" : "less_than_equal",
    message: `Input should be ${least ? "greater" : "less"} than or equal to ${limit}`,
  };
}

/** Lists values as in `'a', 'b' or 'c'`. */
function listValues(values: readonly string[]): string {
  const quoted = values.map((value) => `'${value}'`);
  const last = quoted.pop() ?? "";
  return quoted.length === 0 ? last : `${quoted.join(", ")} or ${last}`;
}
