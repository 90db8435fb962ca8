import { parseJson, parseWritten, textOf, type Fields } from "../json-fields.ts";
import { isRecord, stringifyJson } from "@parallel-parrot/core";
import type { ProviderRequest } from "../exchange.ts";

/** The body of a direct request on one line. JSON has line ends only between its parts. */
export function lineBody({ body, plain }: ProviderRequest): string {
  const text = plain?.body ?? body;
  return /[\r\n]/.test(text) ? text.replaceAll(/[\r\n]+/g, " ") : text;
}

/** How all bodies begin that name the model. */
const MODEL = /^\{\s*"model"\s*:\s*"(?:[^"\\]|\\.)*"\s*,?/;

/** The same body for another model. */
export function withModel(body: string, model: string): string {
  const found = MODEL.exec(body);
  return found === null ? body : `{"model":${JSON.stringify(model)},${body.slice(found[0].length)}`;
}

/** The same body without the model, which the job has. */
export function withoutModel(body: string): string {
  const found = MODEL.exec(body);
  return found === null ? body : `{${body.slice(found[0].length)}`;
}

/** A line of results, and what one needs to have its parts as they were written. */
export interface ResultLine {
  readonly fields: Fields;
  /** The JSON of the value that these names lead to; a text is itself. Empty if there is none. */
  json(...path: readonly string[]): string;
}

/** A number that may be written otherwise than it was read: too long, with a fraction or an exponent, or a negative zero. */
const MAY_CHANGE = /[:,[]\s*(?:-?\d+[.eE]|-?\d{16}|-0)/;

/** Reads a line of results; `undefined` if it is no JSON object. */
export function readLine(line: string): ResultLine | undefined {
  const fields = parseJson(line);
  if (!isRecord(fields)) return undefined;
  return {
    fields,
    json(...path) {
      const root: unknown = MAY_CHANGE.test(line) ? parseWritten(line) : fields;
      const value = path.reduce<unknown>((at, name) => (isRecord(at) ? at[name] : undefined), root);
      if (value === undefined || value === null) return "";
      return textOf(value) || (stringifyJson(value) ?? "");
    },
  };
}
