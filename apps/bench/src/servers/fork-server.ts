import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { BenchServer } from "./bench-server.ts";

/**
 * Starts a server module of this folder in a process of its own, so that its work does not count as the client's.
 * It gets its options as JSON, sends its port, and ends when it is disconnected.
 */
export async function forkServer(script: string, options: object, name: string): Promise<BenchServer> {
  const server = fork(join(import.meta.dirname, script), [JSON.stringify(options)]);
  const [port] = await Promise.race([
    once(server, "message"),
    once(server, "exit").then(() =>
      Promise.reject(new Error(`The server ${script} ended before it served anything`)),
    ),
  ]);
  return {
    name,
    baseUrl: `http://127.0.0.1:${port}/v1`,
    async stop() {
      const exit = once(server, "exit");
      server.disconnect();
      await exit;
    },
  };
}
