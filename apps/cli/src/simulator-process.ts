import { fork } from "node:child_process";
import { once } from "node:events";

/** A simulator in a process of its own, so that it lives through whatever happens to its clients; for tests. */
export interface SimulatorProcess {
  readonly baseUrl: string;
  readonly apiKey: string;
  /** Requests received so far. */
  received(): Promise<number>;
  close(): Promise<void>;
}

/**
 * Starts one.
 *
 * @param options source of the options of `startSimulator`: what is a function there must be one here
 */
export async function startSimulatorProcess(options: string): Promise<SimulatorProcess> {
  const program = `import { startSimulator } from "@parallel-parrot/simulator";
    const simulator = await startSimulator(${options});
    process.on("message", () => process.send(simulator.ledger.received));
    process.send({ baseUrl: simulator.baseUrl, apiKey: simulator.apiKey });`;
  const child = fork("--input-type=module", ["--conditions=@parallel-parrot/source", "--eval", program], {
    execArgv: [],
    cwd: import.meta.dirname,
  });
  const [{ baseUrl, apiKey }] = (await once(child, "message")) as [{ baseUrl: string; apiKey: string }];
  return {
    baseUrl,
    apiKey,
    async received() {
      const answer = once(child, "message");
      child.send("received");
      const [count] = (await answer) as [number];
      return count;
    },
    async close() {
      const gone = once(child, "exit");
      child.kill();
      await gone;
    },
  };
}
