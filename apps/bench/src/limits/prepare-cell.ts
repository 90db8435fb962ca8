import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { forkServer } from "../servers/fork-server.ts";
import type { Cell } from "./cell.ts";
import type { ClientOutcome, ClientPlan, ServerPlan } from "./client-plan.ts";
import type { LimitStats } from "./limit-stats.ts";

/** What a cell gave. */
export interface CellResult extends LimitStats, ClientOutcome {
  readonly cell: Cell;
}

/** A cell whose processes are up and wait for the word. */
export interface ReadyCell {
  run(): Promise<CellResult>;
  stop(): Promise<void>;
}

const SERVER = join(import.meta.dirname, "limiter-server-process.ts");
const CLIENT = join(import.meta.dirname, "limiter-client-process.ts");

/** Starts the server and the client of a cell. */
export async function prepareCell(cell: Cell, timeFactor: number): Promise<ReadyCell> {
  const serverPlan: ServerPlan = { cell, timeFactor };
  const server = await forkServer<LimitStats>(SERVER, serverPlan, "limiter");
  const plan: ClientPlan = { baseUrl: server.baseUrl, told: cell.told, timeFactor };
  const client = fork(CLIENT, [JSON.stringify(plan)]);
  const exit = once(client, "exit");
  await once(client, "message");
  return {
    async run() {
      const message = once(client, "message");
      client.send("go");
      const [outcome]: ClientOutcome[] = await message;
      return { cell, ...(await server.stats()), failed: Number.NaN, ...outcome };
    },
    async stop() {
      if (client.connected) client.disconnect();
      await exit;
      await server.stop();
    },
  };
}
