import { fork } from "node:child_process";
import { once } from "node:events";
import type { BenchServer } from "./bench-server.ts";

/** A server that also tells what it saw. */
interface ForkedServer<Stats> extends BenchServer {
  stats(): Promise<Stats>;
}

/**
 * Starts a server script in a process of its own, so that its work does not count as the client's.
 * It gets its options as JSON, sends its port, and ends when it is disconnected; to any message it answers with what
 * it saw.
 */
export async function forkServer<Stats = unknown>(
  script: string,
  options: object,
  name: string,
): Promise<ForkedServer<Stats>> {
  const server = fork(script, [JSON.stringify(options)]);
  const ended = once(server, "exit").then(() =>
    Promise.reject(new Error(`The server ${script} ended by itself`)),
  );
  // Whoever waits for a message hears of it; at other times it is not an error.
  ended.catch(() => undefined);
  const [{ port }] = await Promise.race([once(server, "message"), ended]);
  return {
    name,
    baseUrl: `http://127.0.0.1:${port}/v1`,
    async stats() {
      const message = Promise.race([once(server, "message"), ended]);
      server.send("stats");
      const [stats] = await message;
      return stats;
    },
    async stop() {
      const exit = once(server, "exit");
      server.disconnect();
      await exit;
    },
  };
}
