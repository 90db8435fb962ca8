import { setTimeout } from "node:timers/promises";
import type { BenchContext } from "../bench-context.ts";
import type { Report, Series } from "../report.ts";
import { allCells, quickCells, REQUESTS_PER_MINUTE, TOKENS_PER_MINUTE, type Cell } from "./cell.ts";
import { limitGoals } from "./limit-goals.ts";
import { STEP_MS } from "./limit-stats.ts";
import { prepareCell, type CellResult, type ReadyCell } from "./prepare-cell.ts";
import { RUN_MS, STEADY_FROM_MS, STEADY_TO_MS } from "./steady-part.ts";

/** Cells that run side by side: they mostly wait. */
const AT_ONCE = 8;
/**
 * Between their starts, in real time: a limiter that knows nothing sends hundreds of requests a second in the seconds
 * before the first refusal, and several at once would wait for the processor and not for their servers.
 */
const START_GAP_MS = 2000;

/** How much of a rate limit is used, and how often it is hit, at a server that counts on its own. */
export async function limits({ options }: BenchContext): Promise<Report> {
  const cells = options.isQuick ? quickCells() : allCells();
  // A stall of the machine counts so many times.
  const timeFactor = options.isQuick ? 10 : 5;
  const results: CellResult[] = [];
  for (let first = 0; first < cells.length; first += AT_ONCE) {
    results.push(...(await runTogether(cells.slice(first, first + AT_ONCE), timeFactor)));
  }
  const stopped = results.flatMap(({ cell, stopped }) =>
    stopped === undefined ? [] : [`Stopped before its time: ${Object.values(cell).join(", ")}: ${stopped}`],
  );
  return {
    tables: [
      {
        title: `A limit of ${REQUESTS_PER_MINUTE.toLocaleString("en-US")} requests and ${TOKENS_PER_MINUTE.toLocaleString("en-US")} tokens a minute, requests of 600 tokens in and 200 out or so with a \`max_tokens\` of 1,024`,
        head: [
          "server",
          "charges",
          "headers",
          "client is told",
          "% used",
          "% answered 429",
          "requests",
          "rows failed",
        ],
        rows: results.map(({ cell, used, refused, requests, failed }) => [
          cell.kind,
          cell.charge,
          cell.headers,
          cell.told,
          100 * used,
          100 * refused,
          requests,
          failed,
        ]),
      },
    ],
    goals: limitGoals(results),
    notes: [
      `Time goes ${timeFactor} times as fast for both sides. A run takes ${Math.round(RUN_MS / 1000)} such seconds; from ${STEADY_FROM_MS / 1000} s to ${STEADY_TO_MS / 1000} s counts. Use is of the tokens, the tight limit; the server's own books are what counts. A minute bucket begins full, so more than 100 % of it can be used.`,
      ...stopped,
    ],
    series: results.filter(({ cell }) => isDrawn(cell)).map(seriesOf),
  };
}

/** Servers that charge what was used, one of each kind, of which the client finds out in one way or the other. */
function isDrawn({ kind, charge, headers, told }: Cell): boolean {
  if (charge !== "actual") return false;
  if (kind === "minute bucket") return headers === "full" && told === "nothing";
  if (kind === "1.5 s bucket") return headers === "none" && told === "nothing";
  return kind === "fixed minute" && headers === "none" && told === "twice";
}

function seriesOf({ cell, usedByStep }: CellResult): Series {
  return {
    title: `${cell.kind}, ${cell.headers === "full" ? "headers" : "no headers"}, told ${cell.told}`,
    at: usedByStep.map((_, step) => ((step + 1) * STEP_MS) / 1000),
    values: usedByStep.map((share) => 100 * share),
  };
}

async function runTogether(cells: readonly Cell[], timeFactor: number): Promise<CellResult[]> {
  const ready: ReadyCell[] = [];
  try {
    // All are up before the first begins: starting takes the processor that others measure with.
    for (const cell of cells) ready.push(await prepareCell(cell, timeFactor));
    return await Promise.all(
      ready.map(async (cell, index) => {
        await setTimeout(index * START_GAP_MS);
        return cell.run();
      }),
    );
  } finally {
    await Promise.all(ready.map((cell) => cell.stop()));
  }
}
