import type { JsonSchema, Row } from "@parallel-parrot/core";
import { SchemaFitter } from "./fit-to-schema.ts";
import type { NumberRule } from "./fit-number.ts";
import { whenRead, type RowReading } from "../output/row-reader.ts";

type Read<T extends Row> = (value: unknown) => RowReading<T> | Promise<RowReading<T>>;

/**
 * A reading of a value fitted to a schema, and where that fails, of the value as it stood: of several
 * alternatives, the wrong one may have been fitted.
 */
export function fittedReader<T extends Row>(
  schema: JsonSchema | undefined,
  numbers: NumberRule,
  read: Read<T>,
): Read<T> {
  if (schema === undefined) return read;
  const fitter = new SchemaFitter(schema, numbers);
  return (value) => {
    const { value: fitted, changes, problems } = fitter.fit(value);
    if (problems.length > 0) return { ok: false, problems };
    return whenRead(read(fitted), (reading) => {
      if (reading.ok) return changes.isEmpty ? reading : { ...reading, changes };
      if (fitted === value) return reading;
      return whenRead(read(value), (unfitted) => (unfitted.ok ? unfitted : reading));
    });
  };
}
