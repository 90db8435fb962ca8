import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { packAll } from "../packages/pack.ts";

/** What a program came to. */
export interface Outcome {
  readonly status: number | null;
  /** Both streams. */
  readonly output: string;
}

/** What the tests install besides the packages themselves, with the versions they were written for. */
const INSTALLED = ["zod@4", "esbuild@0.28", "next@16", "react@19", "react-dom@19", "bun@1"];

/** A project of a user's, in a folder of its own: the packages as they are published, and nothing of the workspace. */
export class Project {
  readonly folder: string;
  readonly #processes: ChildProcess[] = [];

  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), "parrot-borders-"));
    cpSync(join(import.meta.dirname, "fixtures"), this.folder, { recursive: true });
    writeFileSync(this.path("package.json"), JSON.stringify({ private: true, type: "module" }));
  }

  path(...parts: readonly string[]): string {
    return join(this.folder, ...parts);
  }

  /** Packs every package as for the registry, and installs the tarballs. */
  install(): void {
    const tarballs = this.path("tarballs");
    packAll(tarballs);
    const files = readdirSync(tarballs).map((name) => `./tarballs/${name}`);
    check(this.#shell(`npm install --no-audit --no-fund ${[...files, ...INSTALLED].join(" ")}`));
  }

  /** Runs a program to its end, within a minute. */
  run(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Outcome {
    const { status, stdout, stderr, error } = spawnSync(command, args, {
      cwd: this.folder,
      encoding: "utf8",
      env: { ...process.env, ...env },
      timeout: 120_000,
    });
    return { status, output: `${stdout}${stderr}${error === undefined ? "" : String(error)}` };
  }

  /** Starts a program, and gives the first line it writes that fits. */
  async start(
    args: readonly string[],
    line: RegExp,
    env: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    const child = spawn(process.execPath, args, {
      cwd: this.folder,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#processes.push(child);
    for await (const text of createInterface({ input: child.stdout }))
      if (line.test(text)) return text.trim();
    throw new Error(`${args.join(" ")} ended without a line like ${String(line)}`);
  }

  /** Ends what was started last. */
  async stop(): Promise<void> {
    const child = this.#processes.pop();
    if (child === undefined || child.exitCode !== null) return;
    child.kill();
    await once(child, "exit");
  }

  /** Ends everything and removes the folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    while (this.#processes.length > 0) await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #shell(command: string): Outcome {
    const { status, stdout, stderr } = spawnSync(command, {
      cwd: this.folder,
      shell: true,
      encoding: "utf8",
    });
    return { status, output: `${stdout}${stderr}` };
  }
}

function check({ status, output }: Outcome): void {
  if (status !== 0) throw new Error(`Cannot install the packages: ${output}`);
}
