import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { openJournal } from "parallel-parrot";
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

/** The secret of the user who runs the program here; another one than that of the machine's own user. */
const SECRET = new Uint8Array(32).fill(7);

/** What is measured beside it keeps its runs without a signature: they are signed before the program has them. */
async function sign(journal: string): Promise<string> {
  const state = join(dirname(journal), "state");
  await mkdir(join(state, "parallel-parrot"), { recursive: true, mode: 0o700 });
  await writeFile(join(state, "parallel-parrot", "secret"), SECRET, { mode: 0o600 });
  await (await openJournal(journal, { secret: SECRET, adopt: true })).close();
  return state;
}

/** Writes an output with the command line, as a process of its own with its start. @throws where it asks for anything */
export async function runParrot({ input, output, journal }: ParrotFiles): Promise<SliceFigures> {
  const files = [input, "--output", output, "--journal", journal];
  const asked = ["--prompt", `${PROMPT}\${text}`, "--keys", "question,answer"];
  const whom = ["--model", "openai/bench", "--base-url", "http://127.0.0.1:9/v1"];
  const parameters = ["data", ...files, ...asked, ...whom, "--overwrite", "--quiet"];
  const state = await sign(journal);
  const child = fork(PARROT, parameters, {
    execArgv: [...process.execArgv, "--import", WATCH],
    env: { ...process.env, OPENAI_API_KEY: "bench-key", XDG_STATE_HOME: state, LOCALAPPDATA: state },
  });
  const told = once(child, "message");
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`parrot ended with ${code}`);
  const [figures] = await told;
  return figures;
}
