/** Prints how much of a limit 1, 4 and 16 limiters use together, and how much is refused: the tables of the README. */
import { startPostgres } from "../fixtures/start-postgres.ts";
import { SERVER_KINDS } from "../../limiter/simulation/server-window.ts";
import { simulateSharedLimit, type SharedScenario } from "./simulate-shared-limit.ts";
import { virtualPostgresLimit } from "./virtual-postgres-limit.ts";

const UNBOUND = 1e9;
const LIMITS = {
  "100 requests/s": { requestsPerMinute: 6000, tokensPerMinute: UNBOUND },
  "2,000 requests/s": { requestsPerMinute: 120_000, tokensPerMinute: UNBOUND },
  "80,000 tokens/s": { requestsPerMinute: 12_000, tokensPerMinute: 4_800_000 },
};
const RIGHT = { told: 1, seconds: 70, skipSeconds: 5 };
const TWICE = { requestsPerMinute: 3000, tokensPerMinute: UNBOUND, told: 2, seconds: 480, skipSeconds: 120 };

await using postgres = await startPostgres();
await using database = await virtualPostgresLimit(postgres.url);

console.log("| limit | server | 1 limiter | 4 limiters | 16 limiters |\n| --- | --- | --- | --- | --- |");
for (const [name, limits] of Object.entries(LIMITS))
  for (const server of ["short bucket", "sliding minute"] as const)
    await printRow([name, server], { ...limits, ...RIGHT, server }, [1, 4, 16]);
console.log("\n| told twice | server | 1 limiter | 4 limiters |\n| --- | --- | --- | --- |");
for (const server of SERVER_KINDS) await printRow(["50 requests/s", server], { ...TWICE, server }, [1, 4]);

async function printRow(
  names: readonly string[],
  scenario: Omit<SharedScenario, "members" | "source">,
  counts: readonly number[],
): Promise<void> {
  const cells: string[] = [];
  for (const members of counts) {
    const scope = [...names, scenario.told, members].join(", ");
    const { use, refused, sent } = await simulateSharedLimit({
      ...scenario,
      members,
      source: (member, now) => database.member(scope, String(member), now),
    });
    const uneven = Math.max(...sent) / Math.min(...sent);
    cells.push(`${(100 * use).toFixed(1)} / ${(100 * refused).toFixed(2)}, ${uneven.toFixed(1)}`);
  }
  console.log(`| ${[...names, ...cells].join(" | ")} |`);
}
