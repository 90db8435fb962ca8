import { isRecord, type JsonSchema, mapSchema } from "@parallel-parrot/core";
import type { Ajv, SchemaValidateFunction } from "ajv";
import { keywordOf, typesOf } from "../schema/schema-parts.ts";

/** What a schema says of numbers, for values that may be bigints. */
interface Numbers {
  /** The types, where `integer` is one of them. */
  readonly types?: readonly unknown[];
  readonly bounds: Readonly<Record<string, number>>;
}

const KEYWORD = "x-numbers";

/** How a bigint keeps a bound. JavaScript compares bigints with numbers exactly. */
const BOUNDS: Readonly<
  Record<string, readonly [keeps: (value: bigint, bound: number) => boolean, words: string]>
> = {
  minimum: [(value, bound) => value >= bound, "must be >="],
  maximum: [(value, bound) => value <= bound, "must be <="],
  exclusiveMinimum: [(value, bound) => value > bound, "must be >"],
  exclusiveMaximum: [(value, bound) => value < bound, "must be <"],
  multipleOf: [isMultiple, "must be multiple of"],
};

/** Teaches a validator the keywords of {@linkcode withExactNumbers}. */
export function addExactNumbers(ajv: Ajv): void {
  const validate: SchemaValidateFunction = ({ types, bounds }: Numbers, value: unknown) => {
    const fault = faultOf(value, types, bounds);
    if (fault !== undefined) validate.errors = [fault];
    return fault === undefined;
  };
  ajv.addKeyword({ keyword: KEYWORD, validate, errors: true });
}

/** A schema in which an integer may also be a bigint, as the validator only knows numbers. */
export function withExactNumbers(schema: JsonSchema): JsonSchema {
  return mapSchema(schema, (part) => {
    const types = typesOf(part);
    const takesBigInt = types.includes("integer");
    const bounds = Object.fromEntries(
      Object.keys(BOUNDS)
        .map((keyword): [string, unknown] => [keyword, keywordOf(part, keyword)])
        .filter((entry): entry is [string, number] => typeof entry[1] === "number"),
    );
    if (!takesBigInt && Object.keys(bounds).length === 0) return part;
    const isNullable = keywordOf(part, "nullable") === true;
    const numbers: Numbers = {
      bounds,
      ...(takesBigInt && { types: isNullable ? [...types, "null"] : types }),
    };
    const { type: _type, nullable: _nullable, ...rest } = part;
    return { ...(takesBigInt ? rest : part), [KEYWORD]: numbers };
  });
}

function faultOf(
  value: unknown,
  types: Numbers["types"],
  bounds: Numbers["bounds"],
): { keyword: string; message: string; params: object } | undefined {
  if (types?.some((type) => isOfType(value, type)) === false)
    return { keyword: "type", message: "is of another type", params: { type: types } };
  if (typeof value !== "bigint") return undefined;
  for (const [keyword, bound] of Object.entries(bounds)) {
    const [keeps, words] = BOUNDS[keyword] ?? [];
    if (keeps?.(value, bound) === false) return { keyword, message: `${words} ${bound}`, params: {} };
  }
  return undefined;
}

function isOfType(value: unknown, type: unknown): boolean {
  switch (type) {
    case "integer":
      return typeof value === "bigint" || Number.isInteger(value);
    case "number":
      return Number.isFinite(value);
    case "object":
      return isRecord(value);
    case "array":
      return Array.isArray(value);
    case "null":
      return value === null;
    default:
      return typeof value === type;
  }
}

const DECIMAL = /^(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/;

/** Whether an integer is a multiple of a number that may have decimals: both are multiplied until neither has. */
function isMultiple(value: bigint, divisor: number): boolean {
  const [, whole = "0", decimals = "", exponent = "0"] = DECIMAL.exec(String(divisor)) ?? [];
  const shift = Number(exponent) - decimals.length;
  const scaled = BigInt(whole + decimals) * powerOfTen(shift);
  return scaled !== 0n && (value * powerOfTen(-shift)) % scaled === 0n;
}

function powerOfTen(exponent: number): bigint {
  return 10n ** BigInt(Math.max(exponent, 0));
}
