import {
  getCell,
  isRecord,
  isWrittenNumber,
  ParrotError,
  type Row,
  stringifyJson,
} from "@parallel-parrot/core";
import { Changes } from "../fit/changes.ts";
import { fitKeys } from "../fit/fit-keys.ts";
import { KnownKeys } from "../fit/known-keys.ts";
import { describeValue, type Problem } from "../fit/problem.ts";
import type { RowReader, RowReading } from "../output/row-reader.ts";

/** Reads objects with these keys and nothing else, all values as the texts they were written as. */
export function keyNamesReader(keys: readonly string[]): RowReader<Record<string, string>> {
  requireKeys(keys);
  const schema = {
    type: "object",
    properties: Object.fromEntries(keys.map((key) => [key, { type: "string" }])),
    required: [...keys],
    additionalProperties: false,
  };
  const known = new KnownKeys(keys, keys);
  return { schema, columns: [...keys], numbers: "written", read: (value) => readRow(value, known) };
}

function readRow(value: unknown, known: KnownKeys): RowReading<Record<string, string>> {
  if (!isRecord(value))
    return { ok: false, problems: [{ path: [], message: `expected object, got ${describeValue(value)}` }] };
  if (isRow(value, known.names)) return { ok: true, row: value };
  const changes = new Changes();
  const fitted = fitKeys(value, known, changes);
  const problems: Problem[] = [];
  const cells = known.names.map((key): [string, string] => {
    const cell = textOf(getCell(fitted, key));
    if (cell === undefined)
      problems.push({ path: [key], message: `expected string, got ${describeValue(getCell(fitted, key))}` });
    return [key, cell ?? ""];
  });
  if (problems.length > 0) return { ok: false, problems };
  const row = Object.fromEntries(cells);
  return changes.isEmpty ? { ok: true, row } : { ok: true, row, changes };
}

/** Whether an object is the wanted row as it stands: exactly these keys in this order, all with texts. */
function isRow(value: Row, keys: readonly string[]): value is Record<string, string> {
  const own = Object.keys(value);
  return (
    own.length === keys.length && keys.every((key, at) => own[at] === key && typeof value[key] === "string")
  );
}

/** A value as the text it was written as, and a nested one as JSON; `undefined` where there is no value. */
function textOf(value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value === "string") return value;
  return isWrittenNumber(value) ? value.rawJSON : stringifyJson(value);
}

function requireKeys(keys: readonly string[]): void {
  if (keys.length === 0) refuse("the list is empty; give at least one key name");
  const seen = new Set<unknown>();
  for (const key of keys) {
    if (typeof key !== "string" || key === "") refuse(`expected key names, got ${describeValue(key)}`);
    if (seen.has(key)) refuse(`${describeValue(key)} is named twice`);
    seen.add(key);
  }
}

function refuse(why: string): never {
  throw new ParrotError("INVALID_OPTION", `Cannot ask for these keys: ${why}`, { option: "spec" });
}
