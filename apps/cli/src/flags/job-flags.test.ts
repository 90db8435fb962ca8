import { describe, expect, it } from "vitest";
import { EXPLODE_FLAGS, FINETUNE_FLAGS, PRUNE_FLAGS } from "./command-flags.ts";
import { longOf, type Flags, type JobFlags } from "./flag.ts";
import { JOB_FLAGS } from "./job-flags.ts";

const ROWS: JobFlags = JOB_FLAGS;
const TABLES: readonly Flags[] = [JOB_FLAGS, EXPLODE_FLAGS, FINETUNE_FLAGS, PRUNE_FLAGS];

describe("the table of the options of text and data", () => {
  it.each([
    ["the hashes of a run", ({ identity }: JobFlags[string]) => identity?.place],
    ["the changes that are told", ({ told }: JobFlags[string]) => told?.place],
    ["the help of resume and retry-failed", ({ goOn }: JobFlags[string]) => goOn?.place],
  ])("gives each place in %s to one option, and leaves none out", (_, placeOf) => {
    const places = Object.values(ROWS).flatMap((row) => placeOf(row) ?? []);
    expect(places.toSorted((one, other) => one - other)).toEqual(Array.from(places.keys()));
  });

  it("hashes options that there were not from the first version on only where they are given", () => {
    const later = Object.values(ROWS).filter(({ identity }) => (identity?.place ?? 0) > 34);
    expect(later.map(({ identity }) => identity?.later)).not.toContain(undefined);
    expect(later.map((row) => row.identity?.later?.(row.default))).toEqual(later.map(() => undefined));
  });

  it("calls each option of the libraries one thing in errors", () => {
    const names = TABLES.flatMap((flags) =>
      Object.values(flags).flatMap((row) =>
        row.library.map((name) => [name, row.here ?? longOf(row)] as const),
      ),
    );
    const words = Map.groupBy(names, ([name]) => name);
    expect([...words.values()].filter((each) => new Set(each.map(([, word]) => word)).size > 1)).toEqual([]);
  });

  it("tells of every option that is a part of what is asked, as something of the question or by its flag", () => {
    const told = Object.values(ROWS).filter((row) => row.told !== undefined);
    for (const row of told)
      expect(row.told?.as.startsWith("the ") || row.told?.as === longOf(row)).toBe(true);
  });
});
