import { describe, expect, it } from "vitest";
import { aRecord } from "../../fixtures/a-record.ts";
import { memoryJournal } from "../index.ts";

/** A record of a thousand characters takes 3,024 bytes. */
const record = (key: string) => ({ ...aRecord(key), body: "x".repeat(1000) });

describe("a journal in memory with a limit", () => {
  it("a journal in memory with a limit lets the records go that were kept or found longest ago", async () => {
    const journal = memoryJournal({ maxBytes: 3 * 3024 });
    const run = await journal.begin();
    const there = (): string =>
      ["a", "b", "c", "d", "e"].filter((key) => run.find(key) !== undefined).join("");
    for (const key of ["a", "b", "c"]) await run.append(record(key));
    run.find("a");
    await run.append(record("d"));
    expect(run.find("b")).toBeUndefined();
    expect(there()).toBe("acd");
    expect(Array.from(journal.records(), ({ key }) => key)).toEqual(["a", "c", "d"]);
    // One that is too large by itself goes at once, and takes the others along.
    await run.append({ ...record("e"), body: "x".repeat(10_000) });
    expect(there()).toBe("");
    expect(journal.runs()).toMatchObject([{ usage: { requests: 5 } }]);
  });

  it("a journal in memory with a limit has the latest record of a key, whatever becomes of the earlier ones", async () => {
    const run = await memoryJournal({ maxBytes: 2 * 3024 }).begin();
    for (const status of [1, 2, 3, 4]) await run.append({ ...record("a"), status });
    expect(run.find("a")?.status).toBe(4);
    await run.append(record("b"));
    expect(run.find("a")?.status).toBe(4);
  });

  it("a journal in memory with a limit refuses a limit that is none", () => {
    for (const maxBytes of [0, -1, Number.NaN])
      expect(() => memoryJournal({ maxBytes })).toThrowError(
        expect.objectContaining({ code: "INVALID_OPTION", option: "maxBytes" }),
      );
  });
});
