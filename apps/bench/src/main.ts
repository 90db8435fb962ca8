/** Measures everything side by side in one run: `npx -y pnpm@12 bench [--quick] [--only PART,…]`. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readBenchOptions } from "./bench-options.ts";
import { describeMachine } from "./machine.ts";
import { printThroughput } from "./throughput/print-throughput.ts";
import { throughput } from "./throughput/throughput.ts";

const options = readBenchOptions(process.argv.slice(2));
const folder = await mkdtemp(join(tmpdir(), "parrot-bench-"));
try {
  console.log(describeMachine());
  for (const part of options.parts) {
    if (part === "throughput") console.log(`\n${printThroughput(await throughput({ options, folder }))}`);
  }
} finally {
  await rm(folder, { recursive: true });
}
