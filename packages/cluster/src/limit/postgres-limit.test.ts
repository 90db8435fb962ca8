// @module-tag slow
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLimiter, type LeaseRequest } from "@parallel-parrot/limiter";
import { Client } from "pg";
import { startPostgres, type TestPostgres } from "../../fixtures/start-postgres.ts";
import { postgresLimit, prepareDatabase } from "../index.ts";

let postgres: TestPostgres;

beforeAll(async () => {
  postgres = await startPostgres();
});

afterAll(async () => {
  await postgres[Symbol.asyncDispose]();
});

const PER_DAY = { dimension: "requests", windowMs: 86_400_000, limit: 10 } as const;
const PER_MINUTE = { dimension: "requests", windowMs: 60_000, limit: 60_000 } as const;

const asked = (more: Partial<LeaseRequest> = {}): LeaseRequest => ({
  everyMs: 250,
  told: [PER_MINUTE],
  learned: [],
  want: {},
  unit: {},
  back: {},
  refusal: undefined,
  ...more,
});

const WANTED = { want: { requests: 8 }, unit: { requests: 1 } };

async function query(sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: postgres.url });
  await client.connect();
  const { rows } = await client.query<Record<string, unknown>>(sql);
  await client.end();
  return rows;
}

describe("postgresLimit", () => {
  it("those who open a fresh database at once prepare it once, and share what is in it", async () => {
    const opened = await Promise.all(
      Array.from({ length: 8 }, () => postgresLimit(postgres.url, { scope: "together" })),
    );
    const leases = await Promise.all(
      opened.map((source) => source.lease(asked({ ...WANTED, told: [PER_DAY] }))),
    );
    const granted = leases.map((lease) => lease.granted.requests ?? 0);
    expect(granted.reduce((sum, amount) => sum + amount)).toBeGreaterThan(8);
    expect(granted.reduce((sum, amount) => sum + amount)).toBeLessThanOrEqual(10);
    await Promise.all(opened.map((source) => source.close()));
  });

  it("what is given back of a limit of a day may be taken by another, and who waits for it is told how long", async () => {
    await using one = await postgresLimit(postgres.url, { scope: "day" });
    await using other = await postgresLimit(postgres.url, { scope: "day" });
    const told = [PER_DAY];
    const all = await one.lease(asked({ told, want: { requests: 10 }, unit: { requests: 1 } }));
    expect(all.granted).toEqual({ requests: 10 });
    await one.lease(asked({ told }));
    const none = await other.lease(asked({ told, ...WANTED }));
    expect(none.granted).toEqual({ requests: 0 });
    expect(none.waitMs).toBeGreaterThan(0.9 * PER_DAY.windowMs);
    expect(none.limits).toMatchObject([{ ...PER_DAY, use: expect.closeTo(1) }]);
    await one.lease(asked({ told, back: { requests: -3 } }));
    const some = await other.lease(asked({ told, ...WANTED }));
    expect(some.granted.requests).toBeCloseTo(3);
  });

  it("a limit is the lowest that those who share it know, and what responses have told lowers it", async () => {
    await using one = await postgresLimit(postgres.url, { scope: "lowest" });
    await using other = await postgresLimit(postgres.url, { scope: "lowest" });
    await one.lease(asked());
    const lower = await other.lease(asked({ told: [{ ...PER_MINUTE, limit: 900 }] }));
    expect(lower.limits).toMatchObject([{ limit: 900 }]);
    const learned = await one.lease(asked({ learned: [{ ...PER_MINUTE, limit: 300 }] }));
    expect(learned.limits).toMatchObject([{ limit: 300 }]);
    const raised = await one.lease(asked({ learned: [{ ...PER_MINUTE, limit: 5000 }] }));
    expect(raised.limits).toMatchObject([{ limit: 900 }]);
  });

  it("a refusal of one pauses all who share the limit", async () => {
    await using one = await postgresLimit(postgres.url, { scope: "refused" });
    await using other = await postgresLimit(postgres.url, { scope: "refused" });
    await other.lease(asked(WANTED));
    await one.lease(asked({ refusal: { pauseMs: 60_000, sentAgoMs: 5 } }));
    const lease = await other.lease(asked(WANTED));
    expect(lease.granted).toEqual({ requests: 0 });
    expect(lease.pauseMs).toBeGreaterThan(50_000);
  });

  it("while the database is away nothing is sent, and what waits goes on once it is back", async () => {
    await using source = await postgresLimit(postgres.url, { scope: "away" });
    const limiter = createLimiter({ source, limits: { requestsPerMinute: 6000 } });
    (await limiter.reserve({ requests: 1 })).settle({ requests: 1 });
    await postgres.kill();
    await expect.poll(() => limiter.tryReserve({ requests: 1 })).toBeUndefined();
    const waiting = limiter.reserve({ requests: 1 });
    await expect
      .poll(() => limiter.waitingFor)
      .toMatchObject({
        source: "unreachable",
        message: expect.stringContaining("keeps the shared limit, does not answer"),
      });
    expect(limiter.inFlight).toBe(0);
    await postgres.restart();
    (await waiting).settle({ requests: 1 });
  });

  it("a worker's role may share a limit, and see or change nothing else", async () => {
    await query("create role worker login");
    const worker = postgres.url.replace("postgres@", "worker@");
    await prepareDatabase(postgres.url, { workerRole: "worker" });
    await using source = await postgresLimit(worker, { scope: "role" });
    expect((await source.lease(asked(WANTED))).granted).toEqual({ requests: 8 });
    const client = new Client({ connectionString: worker });
    await client.connect();
    for (const sql of [
      "select * from parrot.pace",
      "update parrot.pace set learned = '{}'",
      "select parrot.spend('role', 'requests', 1, 1, 1)",
      "create table parrot.mine (a int)",
    ])
      await expect(client.query(sql)).rejects.toThrow("permission denied");
    // A temporary table of the same name, whose trigger would run with the rights of the owner.
    await client.query(`
      create temp table pace_member (scope text, member text, load float8, seen float8, primary key (scope, member));
      grant all on pace_member to public;
      create function pg_temp.take() returns trigger language plpgsql as
        $$ begin create table parrot.taken (a int); return new; end $$;
      create trigger take before insert on pace_member for each row execute function pg_temp.take()`);
    await client.query("select parrot.lease('role', 'worker', $1)", [JSON.stringify(asked(WANTED))]);
    expect(await query("select to_regclass('parrot.taken') as taken")).toEqual([{ taken: null }]);
    await client.end();
    await query("create role stranger login");
    const stranger = postgres.url.replace("postgres@", "stranger@");
    await expect(postgresLimit(stranger, { scope: "role" })).rejects.toMatchObject({ code: "NO_RIGHTS" });
  });

  it("a database that another version has prepared is refused", async () => {
    await query("update parrot.version set version = 99");
    await expect(postgresLimit(postgres.url, { scope: "old" })).rejects.toMatchObject({
      code: "OTHER_VERSION",
    });
    await query("update parrot.version set version = 1");
  });

  it("a scope with the text of a command is a name and nothing else", async () => {
    const scope = "'; drop schema parrot cascade; --";
    await using source = await postgresLimit(postgres.url, { scope });
    expect((await source.lease(asked(WANTED))).granted).toEqual({ requests: 8 });
  });

  it("an address that is none, leaves the machine unchecked or leads nowhere is refused in words that do not repeat its password", async () => {
    const open = (url: string) => postgresLimit(url, { scope: "a" });
    await expect(open("localhost:hunter2")).rejects.toMatchObject({ code: "BAD_ADDRESS" });
    await expect(open("postgres://u:hunter2@db.example/parrot")).rejects.toMatchObject({ code: "INSECURE" });
    await expect(open("postgres://u:hunter2@db.example/parrot?sslmode=require")).rejects.toMatchObject({
      code: "INSECURE",
    });
    const nowhere = open("postgres://u:hunter2@127.0.0.1:1/parrot");
    await expect(nowhere).rejects.toMatchObject({ code: "UNREACHABLE" });
    await expect(nowhere).rejects.toThrow("127.0.0.1:1/parrot cannot be reached");
    await expect(nowhere).rejects.not.toThrow("hunter2");
    await expect(postgresLimit(postgres.url, { scope: "" })).rejects.toThrow(RangeError);
  });
});
