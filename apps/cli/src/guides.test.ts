// @module-tag slow

import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { glob } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { startSimulator, type Simulator } from "@parallel-parrot/simulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TEST_ENVIRONMENT } from "../fixtures/run-parrot.ts";

const run = promisify(execFile);
const REPOSITORY = join(import.meta.dirname, "../../..");
const guides = await Array.fromAsync(glob(join(REPOSITORY, "docs/site/guides/*.md")));

/** What the guides type before the command line, which is built already. */
const AS_TYPED = `npx() { shift 3; "$NODE" "$PARROT" "$@"; }`;

let simulator: Simulator;
let folder: string;

beforeAll(async () => {
  simulator = await startSimulator();
  folder = mkdtempSync(join(tmpdir(), "parrot-guides-"));
  symlinkSync(join(REPOSITORY, "examples"), join(folder, "examples"));
});
afterAll(async () => {
  await simulator.close();
  rmSync(folder, { recursive: true });
});

function commandsOf(guide: string): string {
  const markdown = readFileSync(guide, "utf8");
  return Array.from(markdown.matchAll(/^```sh\n(.*?)^```$/gms), ([, commands = ""]) => commands).join("");
}

describe("the commands of each guide run as they are written", () => {
  const withCommands = guides.filter((guide) => commandsOf(guide) !== "");

  it("finds guides with commands", () => expect(withCommands.length).toBeGreaterThan(5));

  it.each(withCommands.map((guide) => [basename(guide), guide]))("%s", async (_, guide) => {
    const env = {
      ...TEST_ENVIRONMENT,
      NODE: process.execPath,
      PARROT: join(REPOSITORY, "apps/cli/dist/main.js"),
      OPENAI_API_KEY: simulator.apiKey,
      OPENAI_BASE_URL: simulator.baseUrl,
    };
    // Fails with the first command that fails, and with what that said.
    const script = `set -euo pipefail\n${AS_TYPED}\n${commandsOf(guide)}`;
    await expect(run("bash", ["-c", script], { cwd: folder, env })).resolves.toBeDefined();
  });
});
