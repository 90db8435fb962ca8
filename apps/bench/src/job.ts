/** One measured job in a process of its own: `node job.ts MODE INPUT BASE_URL`. Sends its figures to the parent. */
import { createReadStream, createWriteStream } from "node:fs";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { jsonlSink, jsonlSource, listOf, openai, pipeline } from "parallel-parrot";
import { Agent, request } from "undici";

const CONCURRENCY = 64;
const [, , mode = "", input = "", baseUrl = ""] = process.argv;
const output = `${input}.${mode}.out.jsonl`;

/** The whole pipeline, JSONL to JSONL. */
async function parrot(): Promise<void> {
  const run = pipeline({
    provider: openai({ model: "bench", baseUrl, apiKey: "sim-key" }),
    prompt: "Write a question and answer pair about: ${text}",
    output: listOf(["question", "answer"]),
    concurrency: CONCURRENCY,
    limits: { requestsPerMinute: 100_000_000 },
  });
  await jsonlSource(input)
    .pipeThrough(run)
    .pipeTo(jsonlSink(output, { overwrite: true }));
  if (run.failedCount > 0)
    throw new Error(`${run.failedCount} rows failed: ${run.failures[0]?.failure.message}`);
}

/** The least one can write by hand: undici.request and JSON.parse, as many in flight. */
async function bare(): Promise<void> {
  const dispatcher = new Agent({ connections: CONCURRENCY });
  const file = createWriteStream(output);
  const lines = createInterface({ input: createReadStream(input), crlfDelay: Infinity });
  const inFlight = new Set<Promise<void>>();
  async function ask(line: string): Promise<void> {
    const row = JSON.parse(line);
    const { body } = await request(`${baseUrl}/chat/completions`, {
      dispatcher,
      method: "POST",
      headers: { "content-type": "application/json", authorization: "Bearer sim-key" },
      body: JSON.stringify({
        model: "bench",
        messages: [{ role: "user", content: `Write a question and answer pair about: ${row.text}` }],
      }),
    });
    const completion = JSON.parse(await body.text());
    for (const item of JSON.parse(completion.choices[0].message.content).items)
      file.write(`${JSON.stringify({ ...row, ...item })}\n`);
  }
  for await (const line of lines) {
    const call = ask(line).finally(() => inFlight.delete(call));
    inFlight.add(call);
    if (inFlight.size >= CONCURRENCY) await Promise.race(inFlight);
  }
  await Promise.all(inFlight);
  file.end();
  await once(file, "finish");
  await dispatcher.close();
}

const cpu = process.cpuUsage();
const start = performance.now();
await (mode === "bare" ? bare() : parrot());
const ms = performance.now() - start;
const { user, system } = process.cpuUsage(cpu);
process.send?.({ ms, cpuMs: (user + system) / 1000, peakRssMb: process.resourceUsage().maxRSS / 1024 });
process.disconnect?.();
