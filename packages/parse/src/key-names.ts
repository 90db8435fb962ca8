import { getCell, ParrotError, stringifyJson, type Row } from "@parallel-parrot/core";
import { describeValue, type Problem } from "./problem.ts";
import type { RowReader } from "./row-reader.ts";
import { isObject } from "./schema-parts.ts";

/** Reads objects with these keys and nothing else, all values as strings. */
export function keyNamesReader(keys: readonly string[]): RowReader<Record<string, string>> {
  requireKeys(keys);
  const schema = {
    type: "object",
    properties: Object.fromEntries(keys.map((key) => [key, { type: "string" }])),
    required: [...keys],
    additionalProperties: false,
  };
  return {
    schema,
    columns: [...keys],
    read(value) {
      if (!isObject(value))
        return {
          ok: false,
          problems: [{ path: [], message: `expected object, got ${describeValue(value)}` }],
        };
      if (isRow(value, keys)) return { ok: true, row: value };
      const problems: Problem[] = [];
      const cells = keys.map((key): [string, string] => {
        const cell = textOf(getCell(value, key));
        if (cell === undefined)
          problems.push({
            path: [key],
            message: `expected string, got ${describeValue(getCell(value, key))}`,
          });
        return [key, cell ?? ""];
      });
      return problems.length > 0 ? { ok: false, problems } : { ok: true, row: Object.fromEntries(cells) };
    },
  };
}

/** Whether an object is the wanted row as it stands: exactly these keys in this order, all with texts. */
function isRow(value: Row, keys: readonly string[]): value is Record<string, string> {
  const own = Object.keys(value);
  return (
    own.length === keys.length && keys.every((key, at) => own[at] === key && typeof value[key] === "string")
  );
}

/** A value as text, nested ones as JSON; nothing where there is none. */
function textOf(value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value === "string") return value;
  // JSON has no infinity, and 1e999 is one.
  return typeof value === "number" ? String(value) : stringifyJson(value);
}

function requireKeys(keys: readonly string[]): void {
  if (keys.length === 0) refuse("the list is empty; give at least one key name");
  const seen = new Set<unknown>();
  for (const key of keys) {
    if (typeof key !== "string" || key === "") refuse(`expected key names, got ${describeValue(key)}`);
    if (seen.has(key)) refuse(`${describeValue(key)} is there twice`);
    seen.add(key);
  }
}

function refuse(why: string): never {
  throw new ParrotError("INVALID_OPTION", `Cannot ask for these keys: ${why}`, { option: "spec" });
}
