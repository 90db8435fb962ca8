import type { SimError } from "./dialect.ts";

/** Null counts as absent. */
export function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

export function bad(message: string, details: { param?: string; code?: string } = {}): SimError {
  return { kind: "badRequest", message, ...details };
}

export function missing(param: string): SimError {
  return bad(`Missing required parameter: '${param}'.`, { param, code: "missing_required_parameter" });
}

export function wrongType(param: string, expected: string): SimError {
  return bad(`Invalid type for '${param}': expected ${expected}.`, { param, code: "invalid_type" });
}

export function wrongValue(param: string, value: unknown, supported: readonly string[]): SimError {
  const list = supported.map((text) => `'${text}'`).join(", ");
  return bad(`Invalid value: '${String(value)}'. Supported values are: ${list}.`, {
    param,
    code: "invalid_value",
  });
}
