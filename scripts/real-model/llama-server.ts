import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { PythonPackages } from "./install.ts";

/** A server of llama.cpp in a process of its own, with four slots of 512 tokens. */
export class LlamaServer {
  static readonly KEY = "the-right-key";
  /** The address, with the version path. */
  readonly baseUrl: string;
  readonly #process: ChildProcess;

  private constructor(child: ChildProcess, address: string) {
    this.#process = child;
    this.baseUrl = `${address}/v1`;
  }

  /** Starts a server, and waits until it answers. @param port any that is free, unless given */
  static async start({ python, folder, modelFile }: PythonPackages, port = 0): Promise<LlamaServer> {
    const child = spawn(
      python,
      [join(import.meta.dirname, "serve.py"), modelFile, String(port), LlamaServer.KEY],
      {
        env: { ...process.env, PYTHONPATH: folder },
        // It ends with the pipe to its standard input, whatever becomes of this process.
        stdio: ["pipe", "pipe", "ignore"],
      },
    );
    for await (const line of createInterface({ input: child.stdout }))
      if (line.startsWith("http")) return new LlamaServer(child, line.trim());
    throw new Error(`The server of llama.cpp ended before it answered, with code ${child.exitCode}`);
  }

  get port(): number {
    return Number(new URL(this.baseUrl).port);
  }

  /** Ends the server in the middle of whatever it does. */
  async kill(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await ended;
  }
}
