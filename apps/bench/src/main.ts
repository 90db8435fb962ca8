/**
 * Measures the pipeline side by side with a bare loop, and memory against rows. Machines are shared and noisy:
 * the ratios of one run are what counts.
 *
 *     npx -y pnpm@12 bench [--quick]
 */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

interface Figures {
  readonly ms: number;
  readonly cpuMs: number;
  readonly peakRssMb: number;
}

const isQuick = process.argv.includes("--quick");
const folder = await mkdtemp(join(tmpdir(), "parrot-bench-"));

/** V8's young generation kept small: without it, garbage alone takes a hundred megabytes on a large machine. */
const SMALL_YOUNG_GENERATION = ["--max-semi-space-size=8"];

function start(
  script: string,
  parameters: readonly string[] = [],
  flags: readonly string[] = [],
): ChildProcess {
  return fork(join(import.meta.dirname, script), parameters, { execArgv: [...flags] });
}

async function writeInput(rows: number): Promise<string> {
  const path = join(folder, `${rows}.jsonl`);
  const file = createWriteStream(path);
  const text = "A parrot is a bird of warm countries that can learn to speak. ".repeat(4);
  for (let id = 0; id < rows; id++) {
    if (!file.write(`${JSON.stringify({ id, text: `${id}: ${text}` })}\n`)) await once(file, "drain");
  }
  file.end();
  await once(file, "finish");
  return path;
}

async function measure(
  mode: "parrot" | "bare",
  input: string,
  baseUrl: string,
  flags: readonly string[] = [],
): Promise<Figures> {
  const job = start("job.ts", [mode, input, baseUrl], flags);
  const [figures] = await Promise.race([
    once(job, "message"),
    once(job, "exit").then(() => Promise.reject(new Error(`The ${mode} job ended early`))),
  ]);
  return figures;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

async function compare(baseUrl: string): Promise<void> {
  const rows = isQuick ? 5000 : 20_000;
  const rounds = isQuick ? 1 : 5;
  const input = await writeInput(rows);
  const results: { parrot: Figures; bare: Figures }[] = [];
  for (let round = 0; round < rounds; round++) {
    results.push({
      parrot: await measure("parrot", input, baseUrl),
      bare: await measure("bare", input, baseUrl),
    });
  }
  console.log(`\nThroughput, ${rows} rows JSONL to JSONL, 64 in flight, median of ${rounds}`);
  for (const mode of ["bare", "parrot"] as const) {
    const perSecond = median(results.map((result) => (rows / result[mode].ms) * 1000));
    const cpuPerRow = median(results.map((result) => (result[mode].cpuMs / rows) * 1000));
    console.log(
      `  ${mode.padEnd(7)} ${perSecond.toFixed(0).padStart(6)} rows/s  ${cpuPerRow.toFixed(0).padStart(5)} µs CPU a row`,
    );
  }
  console.log(
    `  ratio   ${median(results.map(({ parrot, bare }) => bare.ms / parrot.ms)).toFixed(2)} × the bare loop's rows/s`,
  );
}

async function memory(baseUrl: string): Promise<void> {
  console.log("\nPeak resident memory, file to file");
  for (const rows of isQuick ? [1000, 10_000] : [10_000, 100_000, 300_000]) {
    const input = await writeInput(rows);
    const { size } = await stat(input);
    const usual = await measure("parrot", input, baseUrl);
    const small = await measure("parrot", input, baseUrl, SMALL_YOUNG_GENERATION);
    console.log(
      `  ${String(rows).padStart(7)} rows (${(size / 2 ** 20).toFixed(0)} MB)  ${usual.peakRssMb.toFixed(0)} MB  ` +
        `${small.peakRssMb.toFixed(0)} MB with ${SMALL_YOUNG_GENERATION.join(" ")}`,
    );
    await rm(input);
  }
}

const server = start("server.ts");
try {
  const [baseUrl] = await once(server, "message");
  await compare(baseUrl);
  await memory(baseUrl);
} finally {
  server.disconnect();
  await rm(folder, { recursive: true });
}
