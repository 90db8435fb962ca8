import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DistinctKeys } from "./distinct-keys.ts";
import { openDatabase, type Database } from "../sqlite.ts";

let database: Database;

beforeEach(() => {
  database = openDatabase(":memory:");
  database.exec("CREATE TABLE answer (id INTEGER PRIMARY KEY, key TEXT NOT NULL)");
  database.exec("CREATE INDEX answer_key ON answer (key)");
});
afterEach(() => database.close());

function insert(keys: readonly string[]): void {
  const insert = database.prepare("INSERT INTO answer (key) SELECT value FROM json_each(?)");
  insert.run(JSON.stringify(keys));
}

const keyOf = (number: number): string => `key ${String(number).padStart(5, "0")}`;

/** Whether it is sure, after each stretch. */
function look(stretches: number): readonly boolean[] {
  const keys = new DistinctKeys(database);
  return Array.from({ length: stretches }, () => {
    keys.goOn();
    return keys.isSure;
  });
}

describe("DistinctKeys", () => {
  it("DistinctKeys is sure that keys are distinct once it has seen the whole index", () => {
    insert(Array.from({ length: 10_000 }, (_, number) => keyOf(number)));
    expect(look(4)).toEqual([false, false, true, true]);
  });

  it("DistinctKeys is sure that keys are distinct in a journal without records", () => {
    expect(look(1)).toEqual([true]);
  });

  it.each([0, 1, 4094, 4095, 4096, 8190, 8191, 9999])(
    "DistinctKeys is never sure where key %i comes twice",
    (repeated) => {
      insert([...Array.from({ length: 10_000 }, (_, number) => keyOf(number)), keyOf(repeated)]);
      expect(look(5)).toEqual([false, false, false, false, false]);
    },
  );
});
