import { isRecord, type JsonSchema } from "@parallel-parrot/core";
import { textsOf } from "./fit-enum.ts";
import { KnownKeys } from "./known-keys.ts";
import {
  allowsText,
  keywordOf,
  propertiesOf,
  requiredOf,
  resolve,
  schemasOf,
} from "../schema/schema-parts.ts";

/** What is asked of one schema for value after value, found out once. */
export class SchemaPlan {
  /** The schema that references lead to. */
  readonly schema: JsonSchema;
  readonly allOf: readonly JsonSchema[];
  readonly alternatives: readonly JsonSchema[];
  readonly allowsText: boolean;
  /** Whether a text, a boolean or null is as it should be, or not, with nothing that could be done for it. */
  readonly isPlain: boolean;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly additional: unknown;
  readonly first: readonly JsonSchema[];
  readonly rest: unknown;
  readonly #root: JsonSchema;
  readonly #required: ReadonlySet<unknown>;
  #known: KnownKeys | undefined;

  constructor(given: JsonSchema, root: JsonSchema) {
    const schema = resolve(given, root);
    const required = keywordOf(schema, "required");
    this.#root = root;
    this.#required = new Set(Array.isArray(required) ? required : []);
    this.schema = schema;
    this.allOf = schemasOf(schema, "allOf");
    this.alternatives = schemasOf(schema, "anyOf", "oneOf");
    this.allowsText = allowsText(schema, root);
    this.isPlain =
      this.allOf.length + this.alternatives.length + textsOf(schema).length === 0 && this.allowsText;
    this.properties = propertiesOf(schema);
    this.additional = keywordOf(schema, "additionalProperties");
    this.first = schemasOf(schema, "prefixItems");
    this.rest = keywordOf(schema, "items");
  }

  isRequired(key: string): boolean {
    return this.#required.has(key);
  }

  /** The keys of its objects, those of all its parts and alternatives. */
  get known(): KnownKeys {
    return (this.#known ??= KnownKeys.of(this.schema, this.#root));
  }

  /** Whether a key that is not known may be meant for a name: where objects have keys of their own, only for a required one. */
  mayRename(name: string): boolean {
    const { additional, schema } = this;
    const isOpen =
      additional === true || isRecord(additional) || keywordOf(schema, "patternProperties") !== undefined;
    return !isOpen || requiredOf(schema, this.#root).includes(name);
  }
}
