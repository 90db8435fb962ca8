/** Everything CI checks besides the tests: format, lint, types, public face, README snippets, dead code, licences, packages. */
import { spawnSync } from "node:child_process";

const steps: readonly (readonly [name: string, command: string])[] = [
  ["format", "oxfmt --check"],
  ["lint", "oxlint --type-aware --deny-warnings"],
  ["build", "pnpm build"],
  ["types", "tsc -p tsconfig.json"],
  ["public face", "node scripts/api-report.ts --check"],
  ["snippets", "node scripts/check-snippets.ts"],
  ["provider table", "node scripts/provider-table.ts --check"],
  ["format table", "node scripts/format-table.ts --check"],
  ["option tables", "node scripts/option-table.ts --check"],
  ["schema of job files", "node scripts/job-file-schema.ts --check"],
  ["error table", "node scripts/error-table.ts --check"],
  ["time of regular expressions", "node scripts/check-expressions.ts"],
  ["dead code", "knip"],
  ["code of tests in packages", "knip --production --include files"],
  ["licences", "node scripts/check-licences.ts"],
  ["changesets", "node scripts/check-changesets.ts"],
  ["packed packages", "node scripts/check-packed.ts"],
];

const failed: string[] = [];
for (const [name, command] of steps) {
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(command, { shell: true, encoding: "utf8" });
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${status === 0 ? "ok  " : "FAIL"} ${name} (${seconds} s)`);
  if (status !== 0) {
    failed.push(name);
    console.log(`${stdout}${stderr}`.trimEnd());
  }
}
if (failed.length > 0) {
  console.log(`\n${failed.length} of ${steps.length} checks failed: ${failed.join(", ")}`);
  process.exitCode = 1;
}
