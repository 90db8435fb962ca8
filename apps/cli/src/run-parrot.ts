import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";

/** What a run of the program came to. */
export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where the user of the tests has the secret that journals are signed with: not in the machine's own home. */
const STATE = mkdtempSync(join(tmpdir(), "parrot-state-"));
process.on("exit", () => {
  rmSync(STATE, { recursive: true, force: true });
});

/** The environment that a test starts programs in: nothing of the machine's own, no real key, no base URL. */
export const TEST_ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: process.env["PATH"] ?? "",
  XDG_STATE_HOME: STATE,
  LOCALAPPDATA: STATE,
};

/** The secret of the user of the tests, once there is one. */
export const SECRET_FILE: string = join(STATE, "parallel-parrot", "secret");

/** Starts the built program, as a user would; for tests. */
export function startParrot(
  parameters: readonly string[],
  environment: Readonly<Record<string, string>>,
  cwd: string,
): ChildProcess & { readonly finished: Promise<Finished> } {
  const program = join(import.meta.dirname, "../dist/main.js");
  const child = spawn(process.execPath, [program, ...parameters], {
    cwd,
    env: { ...TEST_ENVIRONMENT, ...environment },
  });
  const finished = Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]).then(
    ([stdout, stderr]) => ({ code: child.exitCode, stdout, stderr }),
  );
  // A test that closes the output itself does not wait for this.
  finished.catch(() => undefined);
  return Object.assign(child, { finished });
}
