// @module-tag slow

import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { postgresLimit } from "@parallel-parrot/cluster";
import { startSimulator } from "@parallel-parrot/simulator";
import { expect, it } from "vitest";
import { startPostgres } from "../../packages/cluster/fixtures/start-postgres.ts";

const run = promisify(execFile);

it("two copies of shared-limit.ts at once get all their answers and end, and leave in the database the limit that an answer told them", async () => {
  await using simulator = await startSimulator({ limits: { requestsPerMinute: 6000, burstSeconds: 1 } });
  await using postgres = await startPostgres();
  const env = { ...process.env, OPENAI_BASE_URL: simulator.baseUrl, OPENAI_API_KEY: simulator.apiKey };
  const program = join(import.meta.dirname, "shared-limit.ts");
  const copies = ["first", "second"].map(() => run(process.execPath, [program, postgres.url], { env }));
  const said = expect.stringMatching(/^100 rhymes, \d+ requests\n$/);
  expect(await Promise.all(copies)).toEqual([
    { stdout: said, stderr: "" },
    { stdout: said, stderr: "" },
  ]);
  expect(simulator.ledger.answered()).toHaveLength(200);
  await using third = await postgresLimit(postgres.url, { scope: "openai/my-key/gpt-4.1-mini" });
  const nothing = { told: [], learned: [], want: {}, unit: {}, back: {}, refusal: undefined };
  const { limits } = await third.lease({ everyMs: 250, ...nothing });
  expect(limits).toMatchObject([{ dimension: "requests", windowMs: 60_000, limit: 6000 }]);
  expect(limits[0]?.use).toBeGreaterThan(0);
});
