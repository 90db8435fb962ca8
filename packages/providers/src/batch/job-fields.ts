import { countOf, type Fields } from "../json-fields.ts";
import type { BatchJob } from "./batch-dialect.ts";
import { safeId } from "./safe-id.ts";

/** The name under which a job's metadata has ours. */
export const NAME_KEY = "parallel_parrot";

/** A time in seconds since 1970, or in milliseconds as some servers have it, as one in milliseconds. */
export function timeOf(time: unknown): number | undefined {
  if (typeof time !== "number" || !(time > 0)) return undefined;
  return time > 1e11 ? time : time * 1000;
}

/** A time that is written as a date. */
export function timeOfDate(date: unknown): number | undefined {
  const time = typeof date === "string" ? Date.parse(date) : NaN;
  return Number.isNaN(time) ? undefined : time;
}

type CountName = "total" | "succeeded" | "failed";

/** The counts that are told, under our names for them. */
export function countsOf(
  counts: Fields,
  names: Readonly<Partial<Record<CountName, string>>>,
): Pick<BatchJob, CountName> {
  const told = Object.entries(names).filter(([, name]) => typeof counts[name] === "number");
  return Object.fromEntries(told.map(([ours, name]) => [ours, countOf(counts[name])]));
}

/** The ids that can stand in a path, of those that a server has given. */
export function safeIds(...values: readonly unknown[]): readonly string[] {
  return values.flatMap((value) => safeId(value) ?? []);
}

/** The fields that have a value, so that they can be absent from a job. */
export function given<T extends object>(fields: { [K in keyof T]?: T[K] | undefined }): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;
}
