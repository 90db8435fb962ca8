import { mapSchema, type JsonSchema } from "@parallel-parrot/core";
import type { Changes } from "./changes.ts";
import type { Problem } from "./problem.ts";
import { keywordOf, resolve, schemasOf, typesOf } from "../schema/schema-parts.ts";

/**
 * What may come of an integer beyond 2^53, which a number cannot hold:
 *
 * - `json`: where a schema says `integer`, it is a bigint.
 * - `library`: it is a bigint only where a schema's own library says so, as by `z.bigint()`.
 */
export type NumberRule = "json" | "library";

/** Marks a type of a library that is a bigint in JavaScript; for reading alone, not for an API. */
export const BIGINT = "x-bigint";

/** References and alternatives are followed this far: a schema may refer to itself. */
const MAX_HOPS = 16;

/** What a schema has for an integer. */
interface Takers {
  readonly anything: boolean;
  readonly bigint: boolean;
  readonly number: boolean;
  readonly text: boolean;
}

/** Gives numbers the JavaScript type that a schema has for them, with no digit lost. */
export class NumberFitter {
  readonly #root: JsonSchema;
  readonly #rule: NumberRule;
  readonly #takers = new Map<JsonSchema, Takers>();

  constructor(root: JsonSchema, rule: NumberRule) {
    this.#root = root;
    this.#rule = rule;
  }

  fit(
    value: number | bigint,
    schema: JsonSchema,
    { changes, problems }: { readonly changes: Changes; readonly problems: Problem[] },
    pathOf: () => readonly PropertyKey[],
  ): unknown {
    let takers = this.#takers.get(schema);
    if (takers === undefined) this.#takers.set(schema, (takers = this.#takersIn(schema, 0)));
    const { anything, bigint, number, text } = takers;
    if (typeof value === "number") {
      const isBigInt = this.#rule === "library" && bigint && !number && !anything;
      return isBigInt && Number.isSafeInteger(value) ? BigInt(value) : value;
    }
    if (anything || bigint) return value;
    if (number && BigInt(Number(value)) === value) return Number(value);
    if (text) {
      changes.add(`the integer ${describe(value)} as a text`);
      return String(value);
    }
    if (number)
      problems.push({
        path: pathOf(),
        message: `expected a number that keeps all its digits, got ${describe(value)}; an integer beyond 2^53 needs ${WAYS_OUT[this.#rule]}`,
      });
    return value;
  }

  #takersIn(schema: JsonSchema, hops: number): Takers {
    if (hops > MAX_HOPS) return NOTHING;
    const resolved = resolve(schema, this.#root);
    const alternatives = schemasOf(resolved, "anyOf", "oneOf", "allOf");
    if (alternatives.length > 0 && keywordOf(resolved, "type") === undefined)
      return alternatives.map((part) => this.#takersIn(part, hops + 1)).reduce(join);
    const types = typesOf(resolved);
    const isInteger = types.includes("integer");
    const isMarked = keywordOf(resolved, BIGINT) === true;
    const isBigInt = isInteger && (this.#rule === "json" || isMarked);
    return {
      anything: types.length === 0,
      bigint: isBigInt,
      number: types.includes("number") || (isInteger && !isBigInt),
      text: types.includes("string"),
    };
  }
}

const NOTHING: Takers = { anything: false, bigint: false, number: false, text: false };

const WAYS_OUT: Readonly<Record<NumberRule, string>> = {
  json: 'the type "integer" or "string"',
  library: "a type for big integers or texts, such as z.bigint() or z.string()",
};

function join(a: Takers, b: Takers): Takers {
  return {
    anything: a.anything || b.anything,
    bigint: a.bigint || b.bigint,
    number: a.number || b.number,
    text: a.text || b.text,
  };
}

function describe(value: bigint): string {
  const digits = String(value);
  return digits.length > 40 ? `${digits.slice(0, 40)}…` : digits;
}

/** A schema without the marks that are for reading alone. */
export function withoutMarks(schema: JsonSchema): JsonSchema {
  return mapSchema(schema, ({ [BIGINT]: _mark, ...part }) => part);
}
