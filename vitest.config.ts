import { availableParallelism } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";

// The tests start thousands of programs and threads: what one of them has compiled, the others need not. Threads that
// are started from TypeScript, as the journal's are here, take half as long.
process.env["NODE_COMPILE_CACHE"] ??= join(import.meta.dirname, "node_modules/.cache/compiled");

// As Node.js itself resolves: "module" is for bundlers, and what some packages have there Node.js cannot load.
const conditions = ["@parallel-parrot/source", "node", "development|production"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ["@parallel-parrot/source"] } },
  test: {
    // More than there are cores, as most tests wait for a program, a disk or a server: two of them idle a fifth of the time
    // with two workers.
    maxWorkers: Math.ceil(1.5 * availableParallelism()),
    include: [
      "packages/*/{src,simulation}/**/*.test.ts",
      "apps/*/src/**/*.test.ts",
      "examples/src/**/*.test.ts",
      "docs/site/scripts/*.test.ts",
    ],
    // Threads that are started from TypeScript, as the journal's are here, have it compiled by WebAssembly. V8 keeps the
    // wrappers of its imports for all threads in one place, and frees some wrongly once they are called a thousand
    // times: one run of all tests in three then lost a worker to "Check failed: jit_page.has_value()".
    execArgv: ["--wasm-wrapper-tiering-budget=1000000000"],
    // Ends tests that hang, and judges none: those that start programs take long on a busy machine.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    // A condition that a test waits for; the usual second is over on a busy machine before it can be true.
    expect: { poll: { timeout: 120_000 } },
    tags: [
      {
        name: "slow",
        description:
          "Takes seconds: many random cases, programs that are started and killed, or a simulated hour.",
      },
    ],
  },
});
