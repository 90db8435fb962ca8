import { describe, expect, it } from "vitest";
import { EXPLODE_FLAGS } from "./commands/explode-flags.ts";
import { FINETUNE_FLAGS } from "./commands/finetune-flags.ts";
import { PRUNE_FLAGS } from "./commands/journal-flags.ts";
import { longOf, type Flags, type JobFlags } from "./flag.ts";
import { JOB_FLAGS } from "./job-flags.ts";

const ROWS: JobFlags = JOB_FLAGS;
const TABLES: readonly Flags[] = [JOB_FLAGS, EXPLODE_FLAGS, FINETUNE_FLAGS, PRUNE_FLAGS];

describe("the table of the options of text and data", () => {
  it("the table of job options gives each place in the hashes of a run to one option", () => {
    const places = Object.values(ROWS).flatMap(({ identity }) => identity?.place ?? []);
    expect(places).toEqual([...new Set(places)]);
  });

  it("options that the first version did not have are hashed only where they are given", () => {
    const later = Object.values(ROWS).filter(({ identity }) => (identity?.place ?? 0) > 34);
    expect(later.map(({ identity }) => identity?.later)).not.toContain(undefined);
    const withDefault = later.filter((row) => row.default !== undefined);
    expect(withDefault.map((row) => row.identity?.later?.(row.default))).toEqual(
      withDefault.map(() => undefined),
    );
  });

  it("each option of the libraries has one name in errors", () => {
    const names = TABLES.flatMap((flags) =>
      Object.values(flags).flatMap((row) =>
        row.libraryNames.map((name) => [name, row.errorWords ?? longOf(row)] as const),
      ),
    );
    const words = Map.groupBy(names, ([name]) => name);
    expect([...words.values()].filter((each) => new Set(each.map(([, word]) => word)).size > 1)).toEqual([]);
  });

  it("a change is told as a part of the question or by the flag of its option", () => {
    const told = Object.values(ROWS).filter((row) => row.change !== undefined);
    for (const row of told)
      expect(row.change?.words.startsWith("the ") || row.change?.words === longOf(row)).toBe(true);
  });
});
