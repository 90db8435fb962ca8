import { isFields, type Fields } from "./json-fields.ts";

/** Fields with others laid over them: objects are merged, anything else is replaced. */
export function mergeFields(fields: Fields, over: Fields): Fields {
  const result: Record<string, unknown> = { ...fields };
  for (const [name, value] of Object.entries(over)) {
    const present = result[name];
    result[name] = isFields(present) && isFields(value) ? mergeFields(present, value) : value;
  }
  return result;
}

/** The fields that have a value. */
export function definedFields(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
