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
  : Type extends "number"
    ? number
    : Type extends "integer"
      ? FromInteger<S>
      : Type extends "boolean"
        ? boolean
        : Type extends "null"
          ? null
          : Type extends "array"
            ? FromItems<S>[]
            : Type extends "object"
              ? FromProperties<S>
              : unknown;

/** An integer beyond 2^53 is a bigint; one that two bounds of at most 15 characters keep below it is a number. */
type FromInteger<S> = S extends
  | { readonly minimum: infer Least extends number; readonly maximum: infer Most extends number }
  | {
      readonly exclusiveMinimum: infer Least extends number;
      readonly exclusiveMaximum: infer Most extends number;
    }
  ? IsShort<Least | Most> extends true
    ? number
    : number | bigint
  : number | bigint;

type IsShort<N extends number> = number extends N ? false : [Long<N>] extends [never] ? true : false;

/** Those of some numbers that are written with more than 15 characters. */
type Long<N extends number> = N extends unknown
  ? `${N}` extends `${infer _A}${infer _B}${infer _C}${infer _D}${infer _E}${infer _F}${infer _G}${infer _H}${infer _I}${infer _J}${infer _K}${infer _L}${infer _M}${infer _N}${infer _O}${infer _P}${infer _Q}`
    ? N
    : never
  : never;

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
