/** The demo of the main README: 48 articles to question/answer rows, offline, against the simulator. */
import { mkdirSync, readFileSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { startSimulator } from "@parallel-parrot/simulator";
import { SingleBar } from "cli-progress";
import Table from "cli-table3";
import { csvSink, csvSource, jsonlSource, type Row } from "parallel-parrot";
import { demoJob } from "./demo-job.ts";

/** Another provider is another word here, or `node examples/src/demo.ts anthropic`. */
const providerName = process.argv[2] ?? "openai";

const input = fileURLToPath(new URL("../data/articles.jsonl", import.meta.url));
const outputFolder = fileURLToPath(new URL("../output/", import.meta.url));
const output = `${outputFolder}pairs.csv`;
const shown = (path: string): string => relative(process.cwd(), path);
const total = readFileSync(input, "utf8").trim().split("\n").length;

console.log(`
parallel-parrot: ${total} articles in, question and answer rows out.

There is no key and no network here: the answers come from a SIMULATOR on this machine. It behaves like
an LLM API over real HTTP (3 seconds for a typical answer, 12 for a slow one, 1,000 requests and 1,000,000
tokens a minute), but it makes its answers up by simple rules. The rest is the real thing.
`);

await using simulator = await startSimulator({
  latency: { kind: "lognormal", medianMs: 3000, p99Ms: 12_000 },
  limits: { requestsPerMinute: 1000, tokensPerMinute: 1_000_000 },
});
const run = demoJob(simulator, providerName);

const bar = new SingleBar({
  format: "{bar} {value}/{total} articles · {duration} s · {inFlight} in flight",
  barCompleteChar: "█",
  barIncompleteChar: "░",
  noTTYOutput: true,
  notTTYSchedule: 3000,
});
bar.start(total, 0, { inFlight: 0 });
const redraw = setInterval(() => {
  const { completed, inFlight } = run.progress();
  bar.update(completed, { inFlight });
}, 100);

const start = performance.now();
mkdirSync(outputFolder, { recursive: true });
await jsonlSource(input)
  .pipeThrough(run)
  .pipeTo(csvSink(output, { overwrite: true }));
const seconds = (performance.now() - start) / 1000;

clearInterval(redraw);
bar.update(run.progress().completed, { inFlight: 0 });
bar.stop();

const rows: Row[] = [];
for await (const row of csvSource(output)) rows.push(row);
const table = new Table({
  head: ["title", "question", "answer"],
  colWidths: [20, 34, 50],
  wordWrap: true,
  style: { head: [], border: [] },
});
for (const { title, question, answer } of rows.slice(0, 5))
  table.push([String(title), String(question), String(answer)]);
console.log(`\n${table.toString()}`);
console.log(`… and ${rows.length - 5} more rows in ${shown(output)}\n`);

const seriesSeconds =
  simulator.ledger.entries.reduce((sum, { timeMs, endedMs }) => sum + ((endedMs ?? timeMs) - timeMs), 0) /
  1000;
const { requests, inputTokens, outputTokens } = run.usage;
console.log(`${requests} requests, ${inputTokens + outputTokens} tokens, ${run.failedCount} rows failed.`);
console.log(`It took ${seconds.toFixed(1)} s. One after the other, the same answers take ${(seriesSeconds / 60).toFixed(1)} minutes: ${(seriesSeconds / seconds).toFixed(0)} times as long.

On your own file, with a real key:

  export OPENAI_API_KEY=…
  npx -y pnpm@12 parrot data your.csv --model openai/gpt-4.1-mini \\
    --prompt 'Write question and answer pairs about: \${your column}' \\
    --keys question,answer --preview 3

--preview shows three rows and writes nothing; with -o pairs.csv in its place it runs them all.`);
