import { defineConfig } from "vitest/config";

const conditions = ["@parallel-parrot/source", "module", "node", "development|production"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ["@parallel-parrot/source"] } },
  test: {
    include: ["packages/*/src/**/*.test.ts", "apps/*/src/**/*.test.ts", "examples/src/**/*.test.ts"],
    testTimeout: 20_000,
  },
});
