import type { Lease, LimitSource } from "@parallel-parrot/limiter";
import { Pool } from "pg";
import { prepareDatabase } from "../src/index.ts";

/** Limits in a database whose clock is the simulation's. */
export interface VirtualPostgresLimit extends AsyncDisposable {
  /** Who shares a scope. */
  member(scope: string, member: string, now: () => number): LimitSource;
}

/** Some time that is not 0, as times in the database are those since 1970. */
const EPOCH_MS = 1_800_000_000_000;

/** Has the functions of a database take their time from a table, which is set before each call. */
export async function virtualPostgresLimit(url: string): Promise<VirtualPostgresLimit> {
  await prepareDatabase(url);
  const client = new Pool({ connectionString: url, max: 1 });
  client.on("error", () => undefined);
  await client.query("create table virtual_clock as select 0::float8 as ms");
  await client.query(
    "create or replace function parrot.now_ms() returns float8 language sql volatile as 'select ms from public.virtual_clock'",
  );
  return {
    member: (scope, member, now) => ({
      async lease(request) {
        await client.query("update virtual_clock set ms = $1", [EPOCH_MS + now()]);
        const { rows } = await client.query<{ lease: Lease }>({
          name: "lease",
          text: "select parrot.lease($1, $2, $3) as lease",
          values: [scope, member, JSON.stringify(request)],
        });
        const [row] = rows;
        if (row === undefined) throw new Error("there is no lease");
        return row.lease;
      },
    }),
    [Symbol.asyncDispose]: () => client.end(),
  };
}
