import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { PROMPT } from "../jobs/job.ts";
import type { SliceFigures } from "../jobs/start-job.ts";

const PARROT = join(import.meta.dirname, "../../../cli/dist/main.js");
const WATCH = join(import.meta.dirname, "watched-process.ts");

/** Files of one run of the program. */
export interface ParrotFiles {
  readonly input: string;
  readonly output: string;
  readonly journal: string;
}

/** Writes an output with the command line, as a process of its own with its start. @throws where it asks for anything */
export async function runParrot({ input, output, journal }: ParrotFiles): Promise<SliceFigures> {
  const files = [input, "--output", output, "--journal", journal];
  const asked = ["--prompt", `${PROMPT}\${text}`, "--keys", "question,answer"];
  const whom = ["--model", "openai/bench", "--base-url", "http://127.0.0.1:9/v1"];
  const parameters = ["data", ...files, ...asked, ...whom, "--overwrite", "--quiet"];
  const child = fork(PARROT, parameters, {
    execArgv: [...process.execArgv, "--import", WATCH],
    env: { ...process.env, OPENAI_API_KEY: "bench-key" },
  });
  const told = once(child, "message");
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`parrot ended with ${code}`);
  const [figures] = await told;
  return figures;
}
