/** The type of the values that a JSON Schema describes, as far as its literal tells; `unknown` elsewhere. */
export type FromJsonSchema<S> = S extends { readonly const: infer Value }
  ? Value
  : S extends { readonly enum: readonly (infer Value)[] }
    ? Value
    : S extends { readonly anyOf: readonly (infer Part)[] } | { readonly oneOf: readonly (infer Part)[] }
      ? FromJsonSchema<Part>
      : S extends { readonly type: readonly (infer Type)[] }
        ? FromType<S, Type>
        : S extends { readonly type: infer Type }
          ? FromType<S, Type>
          : S extends { readonly properties: object }
            ? FromProperties<S>
            : unknown;

type FromType<S, Type> = Type extends "string"
  ? string
  : Type extends "number" | "integer"
    ? number
    : Type extends "boolean"
      ? boolean
      : Type extends "null"
        ? null
        : Type extends "array"
          ? FromItems<S>[]
          : Type extends "object"
            ? FromProperties<S>
            : unknown;

type FromItems<S> = S extends { readonly items: infer Items } ? FromJsonSchema<Items> : unknown;

type FromProperties<S> = S extends { readonly properties: infer Properties }
  ? Flat<
      {
        -readonly [K in keyof Properties as K extends RequiredKey<S> ? K : never]: FromJsonSchema<
          Properties[K]
        >;
      } & {
        -readonly [K in keyof Properties as K extends RequiredKey<S> ? never : K]?: FromJsonSchema<
          Properties[K]
        >;
      }
    >
  : Record<string, unknown>;

type RequiredKey<S> = S extends { readonly required: readonly (infer Key)[] } ? Key : never;

/** One object type of an intersection, as people would write it. */
type Flat<T> = { [K in keyof T]: T[K] } & {};
