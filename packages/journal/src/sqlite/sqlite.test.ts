import { expect, it } from "vitest";
import { temporaryFolder } from "../../fixtures/temporary-folder.ts";
import { openGuarded } from "./sqlite.ts";

const file = temporaryFolder();

it.each([false, true])(
  "a database that somebody else may have made is opened with every guard that SQLite has, read-only or not (%s)",
  (readOnly) => {
    const path = file("guarded.db");
    openGuarded(path).close();
    const database = openGuarded(path, { readOnly });
    const guards = ["trusted_schema", "cell_size_check", "mmap_size"].map((name) =>
      Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {}),
    );
    const writesSchema = (): unknown =>
      database.exec("PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = ''");
    expect(guards).toEqual([[0], [1], [0]]);
    expect(writesSchema).toThrow(/may not be modified|readonly/);
    database.close();
  },
);
