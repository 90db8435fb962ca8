import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";

/** What a run of the program came to. */
export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the built program, as a user would; for tests. */
export function startParrot(
  parameters: readonly string[],
  environment: Readonly<Record<string, string>>,
  cwd: string,
): ChildProcess & { readonly finished: Promise<Finished> } {
  const program = join(import.meta.dirname, "../dist/main.js");
  const { PATH = "" } = process.env;
  // Nothing of the machine's own environment: no real key, no base URL.
  const child = spawn(process.execPath, [program, ...parameters], { cwd, env: { PATH, ...environment } });
  const finished = Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]).then(
    ([stdout, stderr]) => ({ code: child.exitCode, stdout, stderr }),
  );
  // A test that closes the output itself does not wait for this.
  finished.catch(() => undefined);
  return Object.assign(child, { finished });
}
