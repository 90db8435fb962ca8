import { isObject, isRecord, type JsonSchema, type Row, setCell } from "@parallel-parrot/core";
import { alternativeFor } from "./alternative-for.ts";
import { Changes } from "./changes.ts";
import { fitEnum } from "./fit-enum.ts";
import { fitKeys } from "./fit-keys.ts";
import { NumberFitter, type NumberRule } from "./fit-number.ts";
import { jsonInText } from "../extract/json-in-text.ts";
import type { Problem } from "./problem.ts";
import { allowsNull } from "../schema/schema-parts.ts";
import { SchemaPlan } from "./schema-plan.ts";

/** A value in the form that a schema asks for. */
export interface Fitted {
  readonly value: unknown;
  /** What had to be changed for it. */
  readonly changes: Changes;
  /** Numbers that would lose digits, whatever else the schema makes of them. */
  readonly problems: readonly Problem[];
}

/** Unions and references do not go deeper into the value: this bounds a schema that refers to itself. */
const MAX_HOPS = 16;

/**
 * Reads values as a schema means them, where only one reading is possible: keys and the texts of an enum in another
 * case or style, an object or a list that was written as a text, a null for a property that is optional and not
 * nullable, and integers as the schema can take them. What differs from the schema and cannot be read in that way is
 * left alone.
 */
export class SchemaFitter {
  readonly #root: JsonSchema;
  readonly #numbers: NumberFitter;
  readonly #plans = new Map<JsonSchema, SchemaPlan>();

  constructor(schema: JsonSchema, numbers: NumberRule) {
    this.#root = schema;
    this.#numbers = new NumberFitter(schema, numbers);
  }

  /** The value in its form; parts that need no change are the same objects. */
  fit(value: unknown): Fitted {
    const work: Work = { changes: new Changes(), problems: [] };
    const fitted = this.#fit(value, this.#root, work, undefined);
    return { value: fitted, ...work };
  }

  #fit(given: unknown, schema: unknown, work: Work, place: Place | undefined): unknown {
    if (!isRecord(schema)) return given;
    const plan = this.#planOf(schema);
    if (typeof given === "number" || typeof given === "bigint")
      return this.#numbers.fit(given, plan.schema, work, () => pathOf(place));
    if (plan.isPlain && !isObject(given)) return given;
    return this.#fitParts(this.#fitForm(given, plan, work.changes), plan, work, place, 0);
  }

  #planOf(schema: JsonSchema): SchemaPlan {
    let plan = this.#plans.get(schema);
    if (plan === undefined) this.#plans.set(schema, (plan = new SchemaPlan(schema, this.#root)));
    return plan;
  }

  /** The value fitted to what all parts of a schema say together: that it is not a text, and which keys it has. */
  #fitForm(given: unknown, plan: SchemaPlan, changes: Changes): unknown {
    let value = given;
    if (typeof value === "string" && !plan.allowsText) {
      const inner = jsonInText(value, {});
      if (inner !== undefined) changes.add(`the text ${JSON.stringify(value.slice(0, 40))} as JSON`);
      value = inner ?? value;
    }
    return isRecord(value) ? fitKeys(value, plan.known, changes, (name) => plan.mayRename(name)) : value;
  }

  /** The value fitted to each part of a schema. */
  #fitParts(given: unknown, plan: SchemaPlan, work: Work, place: Place | undefined, hops: number): unknown {
    if (hops > MAX_HOPS) return given;
    let value = given;
    for (const part of plan.allOf) value = this.#fitParts(value, this.#planOf(part), work, place, hops + 1);
    if (plan.alternatives.length > 0) {
      const alternative = alternativeFor(value, plan.alternatives, this.#root);
      if (alternative !== undefined)
        value = this.#fitParts(value, this.#planOf(alternative), work, place, hops + 1);
    }
    if (typeof value === "string") return fitEnum(value, plan.schema, work.changes);
    if (Array.isArray(value)) return this.#fitList(value, plan, work, place);
    return isRecord(value) ? this.#fitObject(value, plan, work, place) : value;
  }

  #fitObject(object: Row, plan: SchemaPlan, work: Work, up: Place | undefined): Row {
    const { properties, additional } = plan;
    let fitted = object;
    const change = (): Row => (fitted = fitted === object ? { ...object } : fitted);
    for (const [key, value] of Object.entries(object)) {
      const isKnown = Object.hasOwn(properties, key);
      const property = isKnown ? properties[key] : additional;
      if (value === null && isKnown && !plan.isRequired(key) && !allowsNull(property, this.#root)) {
        delete change()[key];
        continue;
      }
      const inner = this.#fit(value, property, work, { key, up });
      if (inner !== value) setCell(change(), key, inner);
    }
    return fitted;
  }

  #fitList(
    list: readonly unknown[],
    { first, rest }: SchemaPlan,
    work: Work,
    up: Place | undefined,
  ): readonly unknown[] {
    if (first.length === 0 && rest === undefined) return list;
    const fitted = list.map((value, key) => this.#fit(value, first[key] ?? rest, work, { key, up }));
    return fitted.every((value, i) => value === list[i]) ? list : fitted;
  }
}

interface Work {
  readonly changes: Changes;
  readonly problems: Problem[];
}

/** Where a value stands: its key, and where what it is in stands. */
interface Place {
  readonly key: PropertyKey;
  readonly up: Place | undefined;
}

function pathOf(place: Place | undefined): readonly PropertyKey[] {
  return place === undefined ? [] : [...pathOf(place.up), place.key];
}
