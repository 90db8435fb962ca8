import type { JsonSchema, Row } from "@parallel-parrot/core";
import { fitToSchema } from "./fit-to-schema.ts";
import { whenRead, type RowReading } from "./row-reader.ts";

type Read<T extends Row> = (value: unknown) => RowReading<T> | Promise<RowReading<T>>;

/**
 * A reading of a value fitted to a schema, and where that fails, of the value as it stood: of several
 * alternatives, the wrong one may have been fitted.
 */
export function fittedReader<T extends Row>(schema: JsonSchema | undefined, read: Read<T>): Read<T> {
  if (schema === undefined) return read;
  const hasAlternatives = /"(?:anyOf|oneOf)":/.test(JSON.stringify(schema));
  if (!hasAlternatives) return (value) => read(fitToSchema(value, schema));
  return (value) => {
    const original = structuredClone(value);
    return whenRead(read(fitToSchema(value, schema)), (fitted) => {
      if (fitted.ok) return fitted;
      return whenRead(read(original), (unfitted) => (unfitted.ok ? unfitted : fitted));
    });
  };
}
