import { isRecord, messageOf, nearestNames, quote } from "@parallel-parrot/core";
import type { JobFlag } from "../flags/flag.ts";
import { MODEL, NAMES, NEGATION, SWITCH, TEXTS, WHOLES } from "../flags/kinds/kind.ts";
import { keyOf } from "./job-keys.ts";

/**
 * The value of an option from what a job file gives it: as it is read from a command line, where a list is given by the
 * flag again, and what is `name=value` there is an object here.
 *
 * @throws Error that says what is wrong with it
 */
export function optionValue(row: JobFlag<unknown>, given: unknown): unknown {
  const { kind, negated } = row;
  if (kind === SWITCH || kind === NEGATION) {
    if (typeof given !== "boolean") throw new Error(`expected true or false, got ${describe(given)}`);
    return given;
  }
  if (given === false && negated !== undefined) return false;
  if (Array.isArray(given)) return listOf(row, given);
  if (isRecord(given)) return readText(row, textOfFields(given));
  return readText(row, textOf(given));
}

function listOf(row: JobFlag<unknown>, given: readonly unknown[]): unknown {
  const texts = given.map((each) => textOf(each));
  if (row.kind === NAMES) {
    const comma = texts.find((text) => text.includes(","));
    if (comma !== undefined) throw new Error(`a name has no comma in it, and ${quote(comma)} has`);
    return readText(row, texts.join(","));
  }
  if (row.kind !== TEXTS && row.kind !== WHOLES && row.kind !== MODEL)
    throw new Error("expected one value, got a list");
  let value: unknown;
  for (const text of texts) value = row.kind.read(text, value);
  return value ?? [];
}

function readText({ kind, ...row }: JobFlag<unknown>, text: string): unknown {
  const { choices } = kind;
  if (choices !== undefined && !choices.includes(text)) {
    const [near] = nearestNames(text, choices);
    const hint = near === undefined ? "" : `; did you mean ${near}?`;
    throw new Error(`expected ${choices.join(", ")}, got ${quote(text)}${hint}`);
  }
  try {
    return kind.read(text, undefined);
  } catch (error) {
    throw new Error(`${keyOf({ kind, ...row })} cannot be ${quote(text)}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  throw new Error(`expected a text or a number, got ${describe(value)}`);
}

function textOfFields(fields: Readonly<Record<string, unknown>>): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${textOf(value)}`)
    .join(",");
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "several values by name";
  return typeof value === "string" ? quote(value) : (JSON.stringify(value) ?? typeof value);
}
