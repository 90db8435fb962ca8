import { defineConfig } from "vitest/config";

// As Node.js itself resolves: "module" is for bundlers, and what some packages have there Node.js cannot load.
const conditions = ["@parallel-parrot/source", "node", "development|production"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ["@parallel-parrot/source"] } },
  test: {
    include: [
      "packages/*/{src,simulation}/**/*.test.ts",
      "apps/*/src/**/*.test.ts",
      "examples/src/**/*.test.ts",
    ],
    // Ends tests that hang, and judges none: those that start programs take long on a busy machine.
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
});
