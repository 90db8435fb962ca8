import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, cpSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import type { Manager, Tarballs } from "./managers.ts";

/** What a user's program takes besides the packages. Both peers are left out that are optional. */
const INSTALLED = {
  "@opentelemetry/api": "^1.9.0",
  typescript: "7.0.2",
  "@types/node": "^24.0.0",
  zod: "^4.0.0",
};

const EXAMPLES_FOLDER = join(import.meta.dirname, "../../examples/src");
/** Programs whose types a user's compiler has to understand. */
export const EXAMPLES: readonly string[] = [
  "compose-stages.ts",
  "csv-server.ts",
  "node-streams.ts",
  "product-sentiment.ts",
  "question-answer-pairs.ts",
  "resume.ts",
];

/** A project of a user's in a folder of its own, with one manager of packages and one Node.js. */
export class Project {
  readonly folder: string;
  readonly #env: NodeJS.ProcessEnv;
  #server: ChildProcess | undefined;

  constructor(folder: string, manager: Manager, node: string, tarballs: Tarballs) {
    this.folder = folder;
    this.#env = { ...withoutManagers(), PATH: [dirname(node), process.env["PATH"]].join(delimiter) };
    mkdirSync(folder, { recursive: true });
    cpSync(join(import.meta.dirname, "fixtures"), folder, { recursive: true });
    for (const name of EXAMPLES) copyFileSync(join(EXAMPLES_FOLDER, name), join(folder, name));
    const dependencies = { ...tarballs, ...INSTALLED };
    const manifest = { name: "a-project", private: true, type: "module", dependencies };
    this.write("package.json", JSON.stringify({ ...manifest, ...manager.manifest(tarballs) }));
    for (const [name, text] of Object.entries(manager.settings?.(tarballs) ?? {})) this.write(name, text);
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text);
  }

  /** Runs a command line to its end. What it writes is the answer, and an error where it fails. */
  run(command: string, env: Readonly<Record<string, string>> = {}): string {
    const options = { cwd: this.folder, shell: true, encoding: "utf8", timeout: 300_000 } as const;
    const { status, stdout, stderr } = spawnSync(command, { ...options, env: { ...this.#env, ...env } });
    if (status !== 0) throw new Error(`${command}\nended with ${status}:\n${stdout}${stderr}`);
    return `${stdout}${stderr}`;
  }

  /** Starts a server that prints its address, which is the answer. */
  async serve(command: string): Promise<string> {
    // A group of its own: a manager starts the server as a process of its own.
    const options = { cwd: this.folder, shell: true, detached: true, env: this.#env } as const;
    const server = spawn(`${command} 2>&1`, { ...options, stdio: ["ignore", "pipe", "inherit"] });
    this.#server = server;
    const said: string[] = [];
    for await (const line of createInterface({ input: server.stdout })) {
      const [address] = /https?:\/\/[\w.:]+(?:\/v1)?/.exec(line) ?? [];
      if (address !== undefined) return address;
      said.push(line);
    }
    throw new Error(`${command} ended without an address:\n${said.join("\n")}`);
  }

  /** Ends the server. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server?.pid === undefined || server.exitCode !== null) return;
    const ended = once(server, "exit");
    process.kill(-server.pid);
    await ended;
  }
}

/** The environment without what this workspace's own manager tells the programs that it starts. */
function withoutManagers(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(?:npm_|pnpm_|INIT_CWD$|NODE_OPTIONS$)/i.test(name)),
  );
}
