// @module-tag slow

import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { startSimulator } from "@parallel-parrot/simulator";
import { expect, it } from "vitest";
import { startPostgres } from "../../packages/cluster/fixtures/start-postgres.ts";

const run = promisify(execFile);

it("two copies of shared-limit.ts at once send what the limit of their key allows, and next to nothing is refused", async () => {
  // Two that share nothing would send 200 requests in two seconds, and at most 150 of these would be let in.
  await using simulator = await startSimulator({ limits: { requestsPerMinute: 3000, burstSeconds: 1 } });
  await using postgres = await startPostgres();
  const env = { ...process.env, OPENAI_BASE_URL: simulator.baseUrl, OPENAI_API_KEY: simulator.apiKey };
  const program = join(import.meta.dirname, "shared-limit.ts");
  const told = await Promise.all(
    ["first", "second"].map(() => run(process.execPath, [program, postgres.url], { env })),
  );
  const said = "100 rhymes, 100 requests\n";
  expect(told).toEqual([
    { stdout: said, stderr: "" },
    { stdout: said, stderr: "" },
  ]);
  expect(simulator.ledger.received).toBeLessThan(210);
});
