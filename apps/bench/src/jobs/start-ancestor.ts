import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { installAncestor } from "./install-ancestor.ts";
import type { JobProcess, SliceFigures } from "./start-job.ts";

/** Starts the Python ancestor, ready for slices. @throws where there is no Python or the package cannot be had */
export async function startAncestor(): Promise<JobProcess> {
  const python = await installAncestor();
  const child = spawn(python, [join(import.meta.dirname, "ancestor.py")], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exit = once(child, "exit");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextMessage = async (): Promise<SliceFigures & { readonly error?: string }> => {
    const line = await lines.next();
    if (line.done === true) throw new Error("The ancestor ended early");
    return JSON.parse(line.value);
  };
  await nextMessage();
  return {
    async run(task) {
      child.stdin.write(`${JSON.stringify(task)}\n`);
      const figures = await nextMessage();
      if (figures.error !== undefined) throw new Error(`The ancestor failed: ${figures.error}`);
      return figures;
    },
    async stop() {
      child.stdin.end();
      await exit;
    },
  };
}
