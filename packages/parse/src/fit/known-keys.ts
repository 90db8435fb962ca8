import { isRecord, type JsonSchema } from "@parallel-parrot/core";
import { foldName } from "./fold-name.ts";
import { keysOf, requiredOf } from "../schema/schema-parts.ts";

/** How many keys are remembered with the name that they stand for: an answer repeats the same keys. */
const MAX_REMEMBERED = 1000;
const MAX_LENGTH = 200;

/** The keys of the objects that are wanted, as far as known. */
export class KnownKeys {
  readonly names: readonly string[];
  readonly #exact: ReadonlySet<string>;
  readonly #required: readonly string[];
  /** Names by their folded form; null where several have one. */
  readonly #folded = new Map<string, string | null>();
  readonly #remembered = new Map<string, string | undefined>();

  constructor(names: readonly string[], required: readonly string[] = []) {
    this.names = names;
    this.#exact = new Set(names);
    this.#required = required;
    for (const name of names) {
      const folded = foldName(name);
      this.#folded.set(folded, this.#folded.has(folded) ? null : name);
    }
  }

  /** Those of a schema of objects, which may be a part of another; none where it is not known. */
  static of(schema: JsonSchema | undefined, root: JsonSchema | undefined = schema): KnownKeys {
    return schema === undefined
      ? new KnownKeys([])
      : new KnownKeys(keysOf(schema, root), requiredOf(schema, root));
  }

  has(key: string): boolean {
    return this.#exact.has(key);
  }

  /** The name that a key is written for in another case or style; `undefined` where none or several would fit. */
  nameFor(key: string): string | undefined {
    if (this.#remembered.has(key)) return this.#remembered.get(key);
    const name = this.#folded.get(foldName(key)) ?? undefined;
    if (this.#remembered.size < MAX_REMEMBERED && key.length <= MAX_LENGTH) this.#remembered.set(key, name);
    return name;
  }

  /** Whether an object has any of the keys, in whatever style. */
  touches(value: unknown): boolean {
    return (
      isRecord(value) && Object.keys(value).some((key) => this.has(key) || this.nameFor(key) !== undefined)
    );
  }

  /** Whether a value can be what is wanted: an object with all required keys, or with any where none is. */
  fit(value: unknown): boolean {
    if (!isRecord(value)) return false;
    if (this.#required.length === 0) return this.touches(value);
    if (this.#required.every((name) => Object.hasOwn(value, name))) return true;
    const names = new Set(Object.keys(value).map((key) => (this.has(key) ? key : this.nameFor(key))));
    return this.#required.every((name) => names.has(name));
  }
}
