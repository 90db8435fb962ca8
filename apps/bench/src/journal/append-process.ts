/** Appends records to a new journal at a steady rate and prints {@linkcode AppendFigures}: `node append-process.ts PLAN`. */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { openJournal, type JournalRun } from "parallel-parrot";
import { quantile } from "../quantile.ts";
import type { AppendFigures, AppendPlan } from "./measure-append.ts";

const [, , json = ""] = process.argv;
const plan: AppendPlan = JSON.parse(json);

const journal = await openJournal(plan.path);
const run = await journal.begin();
const delay = monitorEventLoopDelay({ resolution: 1 });
const waits: number[] = [];
const cpu = process.cpuUsage();
const start = performance.now();
delay.enable();
await (plan.rate === undefined ? appendInTurn(plan) : appendAtRate(plan, plan.rate));
delay.disable();
const ms = performance.now() - start;
const { user, system } = process.cpuUsage(cpu);
await journal.close();
const figures: AppendFigures = {
  perSecond: (plan.records / ms) * 1000,
  cpuUs: (user + system) / plan.records,
  delayP50: delay.percentile(50) / 1e6,
  delayP99: delay.percentile(99) / 1e6,
  delayMax: delay.max / 1e6,
  waitP50: quantile(waits, 0.5),
  waitP99: quantile(waits, 0.99),
};
console.log(JSON.stringify(figures));

/** Each millisecond what is due by then, whatever is still waiting. */
async function appendAtRate({ records }: AppendPlan, rate: number): Promise<void> {
  const appended: Promise<void>[] = [];
  while (appended.length < records) {
    const due = Math.min(records, ((performance.now() - start) / 1000) * rate);
    while (appended.length < due) appended.push(append(run, appended.length));
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(appended);
}

/** As fast as it goes: so many wait at once, each for its own. */
async function appendInTurn({ records, waiting }: AppendPlan): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: waiting }, async () => {
      while (next < records) await append(run, next++);
    }),
  );
}

async function append(to: JournalRun, row: number): Promise<void> {
  const sent = performance.now();
  await to.append({
    key: `${row}`.padStart(43, "k"),
    row,
    replicate: 0,
    outcome: "answer",
    status: 200,
    body: `${row}`.padEnd(plan.bodyLength, "An answer as they come. "),
    usage: { requests: 1, inputTokens: 200, outputTokens: 400, cachedInputTokens: 0, reasoningTokens: 0 },
    cost: 0.001,
    attempts: 1,
    sentAt: 1_750_000_000_000 + row,
    durationMs: 1000,
  });
  waits.push(performance.now() - sent);
}
