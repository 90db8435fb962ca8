/** Measures everything side by side in one run: `npx -y pnpm@12 bench [--quick] [--only PART,…]`. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readBenchOptions, type BenchOptions } from "./bench-options.ts";
import { formatReport } from "./format-report.ts";
import { describeMachine } from "./machine.ts";
import { PARTS } from "./parts.ts";
import { saveResult } from "./results.ts";
import { writeReadme } from "./write-readme.ts";

async function measure(options: BenchOptions): Promise<void> {
  const machine = describeMachine();
  const folder = await mkdtemp(join(tmpdir(), "parrot-bench-"));
  try {
    console.log(machine);
    for (const name of options.parts) {
      const part = PARTS[name];
      console.log(`\n${part.title}\n`);
      const start = performance.now();
      const report = await part.run({ options, folder });
      const seconds = Math.round((performance.now() - start) / 1000);
      console.log(`${formatReport(report)}\n\n  ${seconds} s`);
      const measuredAt = new Date().toISOString();
      await saveResult(name, { measuredAt, machine, seconds, ...report }, options.isQuick);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

const options = readBenchOptions(process.argv.slice(2));
await (options.isForReadme ? writeReadme() : measure(options));
