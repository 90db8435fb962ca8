/**
 * Tests that have a short form in the suite, in their long form: hours of bad luck in minutes. All of them, or those
 * that are named: `pnpm test:long kills hostile`.
 */
import { spawnSync } from "node:child_process";

interface LongTest {
  readonly what: string;
  readonly files: readonly string[];
  /** What makes the form a long one. */
  readonly environment: Readonly<Record<string, string>>;
}

const TESTS: Readonly<Record<string, LongTest>> = {
  kills: {
    what: "200 times a run is killed and continued: no row is lost or doubled, and only what was in flight is asked again",
    files: ["apps/cli/src/run/kill.test.ts"],
    environment: { PARROT_KILLS: "200" },
  },
  "pool-kills": {
    what: "50 times a run with a pool is killed and continued: no row that came out is asked again",
    files: ["packages/transport/src/routing/pool/pool-kill.test.ts"],
    environment: { PARROT_KILLS: "50" },
  },
  "batch-kills": {
    what: "a run through batches is killed at each commit and each HTTP request, once and in pairs, and continued: no job runs twice, no row is lost",
    files: ["packages/transport/src/batch/batch-kill.test.ts"],
    environment: { PARROT_BATCH_KILLS: "0" },
  },
  corruptions: {
    what: "1000 times bytes of a journal are changed: no changed answer is used, and nothing crashes",
    files: ["packages/journal/src/sqlite/corruption.test.ts"],
    environment: { PARROT_CORRUPTIONS: "1000", PARROT_SEED: String(Date.now() % 2 ** 31) },
  },
  faults: {
    what: "5000 rows, with 30 % of all requests failing: each row is answered once",
    files: ["packages/transport/src/fault-loop.test.ts"],
    environment: { PARROT_FAULT_ROWS: "5000" },
  },
  hostile: {
    what: "5000 rows at a server that is hostile in 74 ways: no row is lost, no answer is paid for twice",
    files: ["packages/transport/src/http/hostile-server.test.ts"],
    environment: { PARROT_HOSTILE_ROWS: "5000" },
  },
};

const asked = process.argv.slice(2);
const unknown = asked.find((name) => !Object.hasOwn(TESTS, name));
if (unknown !== undefined)
  throw new Error(`There is no long test "${unknown}"; there are ${Object.keys(TESTS).join(", ")}`);

const failed: string[] = [];
for (const [name, { what, files, environment }] of Object.entries(TESTS)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const settings = Object.entries(environment).map(([variable, value]) => `${variable}=${value}`);
  console.log(`${name}: ${what} (${settings.join(" ")})`);
  const start = performance.now();
  const { status } = spawnSync(`vitest run ${files.join(" ")} --maxWorkers=1`, {
    shell: true,
    stdio: "inherit",
    env: { ...process.env, ...environment },
  });
  console.log(
    `${status === 0 ? "ok  " : "FAIL"} ${name} (${((performance.now() - start) / 1000).toFixed(0)} s)`,
  );
  if (status !== 0) failed.push(name);
}
if (failed.length > 0) {
  console.log(`Failed: ${failed.join(", ")}`);
  process.exitCode = 1;
}
