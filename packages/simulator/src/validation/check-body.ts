import type { ObjectSpec, Spec } from "./body-spec.ts";
import { isObject, own } from "../json-value.ts";

/** The path to a value in a body. */
export type BodyPath = readonly (string | number)[];

/** The type that a value should have. */
export type ExpectedType = Exclude<Spec["type"], "any" | "tagged" | "either"> | "stringOrList";

/** What is wrong with a request body. Each API has its own words for it. */
export type BodyProblem =
  | { readonly kind: "unknown"; readonly path: BodyPath; readonly value: unknown }
  | { readonly kind: "missing"; readonly path: BodyPath }
  | {
      readonly kind: "wrongType";
      readonly path: BodyPath;
      readonly expected: ExpectedType;
      readonly value: unknown;
    }
  | {
      readonly kind: "wrongValue";
      readonly path: BodyPath;
      readonly values: readonly string[];
      readonly value: unknown;
    }
  /** A number, or the length of a text or a list, is beyond a bound. */
  | {
      readonly kind: "outOfRange";
      readonly path: BodyPath;
      readonly type: "string" | "number" | "integer" | "list";
      readonly bound: "min" | "max";
      readonly limit: number;
      readonly actual: number;
      readonly value: unknown;
    };

/** Finds the first problem of a value; `undefined` if it has none. */
export function checkBody(value: unknown, spec: Spec, path: BodyPath = []): BodyProblem | undefined {
  switch (spec.type) {
    case "any":
      return undefined;
    case "boolean":
      return typeof value === "boolean" ? undefined : wrongType(path, "boolean", value);
    case "string":
      return checkText(value, spec, path);
    case "number":
    case "integer":
      return checkNumber(value, spec, path);
    case "list":
      return checkList(value, spec, path);
    case "object":
      return isObject(value) ? checkFields(value, spec, path) : wrongType(path, "object", value);
    case "tagged":
      return checkTagged(value, spec, path);
    case "either":
    default:
      return checkEither(value, spec.of, path);
  }
}

type Of<Type extends Spec["type"]> = Extract<Spec, { readonly type: Type }>;

function checkText(value: unknown, spec: Of<"string">, path: BodyPath): BodyProblem | undefined {
  if (typeof value !== "string") return wrongType(path, "string", value);
  const { values } = spec;
  if (values !== undefined && !values.includes(value)) return { kind: "wrongValue", path, values, value };
  return checkRange(value.length, value, spec, "string", path);
}

function checkNumber(
  value: unknown,
  spec: Of<"number" | "integer">,
  path: BodyPath,
): BodyProblem | undefined {
  const { type } = spec;
  if (typeof value !== "number" || (type === "integer" && !Number.isInteger(value)))
    return wrongType(path, type, value);
  return checkRange(value, value, spec, type, path);
}

function checkList(value: unknown, spec: Of<"list">, path: BodyPath): BodyProblem | undefined {
  if (!Array.isArray(value)) return wrongType(path, "list", value);
  const problem = checkRange(value.length, value, spec, "list", path);
  if (problem !== undefined) return problem;
  for (const [index, item] of value.entries()) {
    const problem = checkBody(item, spec.of, [...path, index]);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function checkRange(
  actual: number,
  value: unknown,
  { min = -Infinity, max = Infinity }: { readonly min?: number; readonly max?: number },
  type: Extract<BodyProblem, { kind: "outOfRange" }>["type"],
  path: BodyPath,
): BodyProblem | undefined {
  if (actual < min) return { kind: "outOfRange", path, type, bound: "min", limit: min, actual, value };
  if (actual > max) return { kind: "outOfRange", path, type, bound: "max", limit: max, actual, value };
  return undefined;
}

function checkFields(
  value: Readonly<Record<string, unknown>>,
  { fields, required, open }: ObjectSpec,
  path: BodyPath,
): BodyProblem | undefined {
  const missing = required.find((key) => own(value, key) === undefined);
  if (missing !== undefined) return { kind: "missing", path: [...path, missing] };
  for (const [key, field] of Object.entries(value)) {
    const spec = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (spec === undefined) {
      if (!open) return { kind: "unknown", path: [...path, key], value: field };
      continue;
    }
    if (field === null && !required.includes(key)) continue;
    const problem = checkBody(field, spec, [...path, key]);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function checkTagged(
  value: unknown,
  { tag, variants }: Of<"tagged">,
  path: BodyPath,
): BodyProblem | undefined {
  if (!isObject(value)) return wrongType(path, "object", value);
  const name = own(value, tag);
  if (name === undefined) return { kind: "missing", path: [...path, tag] };
  const variant = typeof name === "string" && Object.hasOwn(variants, name) ? variants[name] : undefined;
  if (variant === undefined)
    return { kind: "wrongValue", path: [...path, tag], values: Object.keys(variants), value: name };
  return checkFields(value, { ...variant, fields: { ...variant.fields, [tag]: { type: "any" } } }, path);
}

/** Finds the problem by the spec that has the value's JSON type. */
function checkEither(value: unknown, specs: readonly Spec[], path: BodyPath): BodyProblem | undefined {
  let problem: BodyProblem | undefined;
  for (const spec of specs) {
    const found = checkBody(value, spec, path);
    if (found === undefined) return undefined;
    const isOfType = found.kind !== "wrongType" || found.path.length > path.length;
    if (isOfType) problem = found;
  }
  return problem ?? wrongType(path, "stringOrList", value);
}

function wrongType(path: BodyPath, expected: ExpectedType, value: unknown): BodyProblem {
  return { kind: "wrongType", path, expected, value };
}
