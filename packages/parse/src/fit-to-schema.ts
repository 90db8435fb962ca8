import { setCell, type JsonSchema, type Row } from "@parallel-parrot/core";
import { alternativeFor } from "./alternative-for.ts";
import { Changes } from "./changes.ts";
import { fitEnum } from "./fit-enum.ts";
import { fitKeys } from "./fit-keys.ts";
import { NumberFitter, type NumberRule } from "./fit-number.ts";
import { jsonInText } from "./json-in-text.ts";
import { KnownKeys } from "./known-keys.ts";
import type { Problem } from "./problem.ts";
import {
  allowsNull,
  allowsText,
  isObject,
  keywordOf,
  propertiesOf,
  requiredOf,
  resolve,
  schemasOf,
} from "./schema-parts.ts";

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
 * nullable, and integers as the schema can take them. What is not as asked for and cannot be read so is left alone.
 */
export class SchemaFitter {
  readonly #root: JsonSchema;
  readonly #numbers: NumberFitter;
  readonly #keys = new Map<JsonSchema, KnownKeys>();

  constructor(schema: JsonSchema, numbers: NumberRule) {
    this.#root = schema;
    this.#numbers = new NumberFitter(schema, numbers);
  }

  /** The value in its form; parts that need no change are the same objects. */
  fit(value: unknown): Fitted {
    const work: Work = { changes: new Changes(), problems: [] };
    const fitted = this.#fit(value, this.#root, work, undefined, 0);
    return { value: fitted, ...work };
  }

  #fit(given: unknown, schema: unknown, work: Work, path: Place | undefined, hops: number): unknown {
    if (!isObject(schema) || hops > MAX_HOPS) return given;
    const resolved = resolve(schema, this.#root);
    if (typeof given === "number" || typeof given === "bigint")
      return hops === 0 ? this.#numbers.fit(given, resolved, work, () => pathOf(path)) : given;
    let value = hops === 0 ? this.#fitForm(given, resolved, work) : given;
    for (const part of schemasOf(resolved, "allOf")) value = this.#fit(value, part, work, path, hops + 1);
    const alternative = alternativeFor(value, schemasOf(resolved, "anyOf", "oneOf"), this.#root);
    if (alternative !== undefined) value = this.#fit(value, alternative, work, path, hops + 1);
    if (typeof value === "string") return fitEnum(value, resolved, work.changes);
    if (Array.isArray(value)) return this.#fitList(value, resolved, work, path);
    return isObject(value) ? this.#fitObject(value, resolved, work, path) : value;
  }

  /** The value with what is said by all of the schema together: that it is no text, and which keys there are. */
  #fitForm(given: unknown, schema: JsonSchema, { changes }: Work): unknown {
    let value = given;
    if (typeof value === "string" && !allowsText(schema, this.#root)) {
      const inner = jsonInText(value, {});
      if (inner !== undefined) changes.add(`the text ${JSON.stringify(value.slice(0, 40))} as JSON`);
      value = inner ?? value;
    }
    if (!isObject(value)) return value;
    let known = this.#keys.get(schema);
    if (known === undefined) this.#keys.set(schema, (known = KnownKeys.of(schema, this.#root)));
    return fitKeys(
      value,
      known,
      changes,
      (name) => !this.#isOpen(schema) || requiredOf(schema, this.#root).includes(name),
    );
  }

  /** Whether a schema says that its objects have keys of their own besides those it names. */
  #isOpen(schema: JsonSchema): boolean {
    const additional = keywordOf(schema, "additionalProperties");
    return (
      additional === true || isObject(additional) || keywordOf(schema, "patternProperties") !== undefined
    );
  }

  #fitObject(object: Row, schema: JsonSchema, work: Work, path: Place | undefined): Row {
    const properties = propertiesOf(schema);
    const required = keywordOf(schema, "required");
    const additional = keywordOf(schema, "additionalProperties");
    let fitted = object;
    const change = (): Row => (fitted = fitted === object ? { ...object } : fitted);
    for (const [key, value] of Object.entries(object)) {
      const isKnown = Object.hasOwn(properties, key);
      const property = isKnown ? properties[key] : additional;
      const isRequired = Array.isArray(required) && required.includes(key);
      if (value === null && isKnown && !isRequired && !allowsNull(property, this.#root)) {
        delete change()[key];
        continue;
      }
      const inner = this.#fit(value, property, work, { key, up: path }, 0);
      if (inner !== value) setCell(change(), key, inner);
    }
    return fitted;
  }

  #fitList(
    list: readonly unknown[],
    schema: JsonSchema,
    work: Work,
    path: Place | undefined,
  ): readonly unknown[] {
    const first = schemasOf(schema, "prefixItems");
    const rest = keywordOf(schema, "items");
    if (first.length === 0 && rest === undefined) return list;
    const fitted = list.map((value, i) => this.#fit(value, first[i] ?? rest, work, { key: i, up: path }, 0));
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
