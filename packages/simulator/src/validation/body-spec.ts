/** What a request body may contain, as data. Null counts as absent for fields that are not required. */
export type Spec =
  | { readonly type: "any" }
  | { readonly type: "boolean" }
  | { readonly type: "string"; readonly values?: readonly string[]; readonly min?: number }
  | { readonly type: "number" | "integer"; readonly min?: number; readonly max?: number }
  | { readonly type: "list"; readonly of: Spec; readonly min?: number; readonly max?: number }
  | ObjectSpec
  /** An object whose fields depend on the value of its field `tag`. */
  | {
      readonly type: "tagged";
      readonly tag: string;
      readonly variants: Readonly<Record<string, ObjectSpec>>;
    }
  /** One of several specs, which differ in their JSON type. */
  | { readonly type: "either"; readonly of: readonly Spec[] };

/** The fields that an object may have; others are a problem unless it is `open`. */
export interface ObjectSpec {
  readonly type: "object";
  readonly fields: Readonly<Record<string, Spec>>;
  readonly required: readonly string[];
  readonly open: boolean;
}

export const anything: Spec = { type: "any" };
export const flag: Spec = { type: "boolean" };
export const text: Spec = { type: "string" };
export const filledText: Spec = { type: "string", min: 1 };
/** An object whose fields are not checked. */
export const openObject: ObjectSpec = { type: "object", fields: {}, required: [], open: true };

export function oneOf(...values: readonly string[]): Spec {
  return { type: "string", values };
}

export function number(min?: number, max?: number): Spec {
  return { type: "number", ...(min !== undefined && { min }), ...(max !== undefined && { max }) };
}

export function integer(min?: number, max?: number): Spec {
  return { type: "integer", ...(min !== undefined && { min }), ...(max !== undefined && { max }) };
}

export function listOf(of: Spec, min?: number, max?: number): Spec {
  return { type: "list", of, ...(min !== undefined && { min }), ...(max !== undefined && { max }) };
}

export function object(fields: Readonly<Record<string, Spec>>, required: readonly string[] = []): ObjectSpec {
  return { type: "object", fields, required, open: false };
}

/** An object of which only these fields are checked. */
export function openObjectWith(
  fields: Readonly<Record<string, Spec>>,
  required: readonly string[] = [],
): ObjectSpec {
  return { type: "object", fields, required, open: true };
}

export function tagged(tag: string, variants: Readonly<Record<string, ObjectSpec>>): Spec {
  return { type: "tagged", tag, variants };
}

export function either(...of: readonly Spec[]): Spec {
  return { type: "either", of };
}

/** Fields that may have any value, given as names with spaces between them. */
export function anyFields(names: string): Record<string, Spec> {
  return Object.fromEntries(names.split(" ").map((name) => [name, anything]));
}
