import { asText } from "../../json-value.ts";
import type { SimError } from "../../dialect.ts";

/** Whether a parameter is present; null counts as absent. */
export function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

export function bad(message: string, details: { param?: string; code?: string } = {}): SimError {
  return { kind: "badRequest", message, ...details };
}

export function missing(param: string): SimError {
  return bad(`Missing required parameter: '${param}'.`, { param, code: "missing_required_parameter" });
}

export function unknown(param: string): SimError {
  return bad(`Unknown parameter: '${param}'.`, { param, code: "unknown_parameter" });
}

export function wrongType(param: string, expected: string): SimError {
  return bad(`Invalid type for '${param}': expected ${expected}.`, { param, code: "invalid_type" });
}

/** The error for a number that is out of its bounds. */
export function outOfRange(
  param: string,
  type: "integer" | "decimal",
  { bound, limit, value }: { readonly bound: "min" | "max"; readonly limit: number; readonly value: unknown },
): SimError {
  const least = bound === "min";
  const expected = `a value ${least ? ">=" : "<="} ${limit}`;
  return bad(`Invalid '${param}': expected ${expected}, but got ${asText(value)} instead.`, {
    param,
    code: `${type}_${least ? "below_min" : "above_max"}_value`,
  });
}

export function wrongValue(param: string, value: unknown, supported: readonly string[]): SimError {
  const list = supported.map((text) => `'${text}'`).join(", ");
  return bad(`Invalid value: '${asText(value)}'. Supported values are: ${list}.`, {
    param,
    code: "invalid_value",
  });
}
