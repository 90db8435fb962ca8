import { once } from "node:events";
import { counted, ParrotError } from "@parallel-parrot/core";
import { atRate, startSimulator, type Simulator, type SimulatorOptions } from "@parallel-parrot/simulator";
import type { SIMULATE_FLAGS } from "../flags/commands/simulate-flags.ts";
import type { ValuesOf } from "../flags/flag.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { formatCount } from "../terminal/format-count.ts";
import { say } from "../terminal/report.ts";

/** Options of `parrot simulate`. */
export type SimulateFlags = ValuesOf<typeof SIMULATE_FLAGS>;

/** `parrot simulate`: runs until Ctrl-C. */
export async function simulate({
  port,
  key,
  rpm,
  tpm,
  latency,
  errorRate,
}: SimulateFlags): Promise<ExitCode> {
  await using simulator = await start({
    port,
    apiKey: key,
    latency: { kind: "lognormal", medianMs: latency, p99Ms: latency * 5 },
    limits: {
      ...(rpm === undefined ? {} : { requestsPerMinute: rpm }),
      ...(tpm === undefined ? {} : { tokensPerMinute: tpm }),
    },
    faults: atRate(errorRate, { kind: "status", status: 500 }),
    ledger: "counts",
  });
  say(`A simulated LLM API (its answers are made up by rules) at ${simulator.baseUrl}`);
  say(`  OPENAI_API_KEY=${key} parrot text … --model openai/simulated --base-url ${simulator.baseUrl}`);
  say("The same for each API, with the address for --base-url:");
  for (const [api, url] of Object.entries(simulator.urls)) {
    say(`  --model ${api}/simulated  ${url}`);
  }
  say("Ctrl-C ends it.");
  await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
  const { requests, answered, refused429, maxInFlight } = simulator.stats();
  say(
    `\n${counted(requests, "request")}: ${formatCount(answered)} answered, ${formatCount(refused429)} refused by the rate limit, at most ${formatCount(maxInFlight)} at once`,
  );
  return EXIT.ok;
}

async function start(options: SimulatorOptions): Promise<Simulator> {
  try {
    return await startSimulator(options);
  } catch (cause) {
    const isTaken = cause instanceof Error && "code" in cause && cause.code === "EADDRINUSE";
    if (!isTaken && !(cause instanceof RangeError)) throw cause;
    const why = isTaken
      ? `port ${options.port} is in use; name another with --port, 0 takes a free one`
      : cause.message;
    throw new ParrotError("INVALID_OPTION", `Cannot start the simulator: ${why}`, {
      cause,
      option: "--port",
    });
  }
}
