import { createHash } from "node:crypto";
import { once } from "node:events";
import { counted, ParrotError } from "@parallel-parrot/core";
import {
  atRate,
  firstOf,
  startSimulator,
  type FaultScript,
  type Simulator,
  type SimulatorOptions,
} from "@parallel-parrot/simulator";
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
  failRate,
  failText,
}: SimulateFlags): Promise<ExitCode> {
  await using simulator = await start({
    port,
    apiKey: key,
    latency: { kind: "lognormal", medianMs: latency, p99Ms: latency * 5 },
    limits: {
      ...(rpm === undefined ? {} : { requestsPerMinute: rpm }),
      ...(tpm === undefined ? {} : { tokensPerMinute: tpm }),
    },
    faults: firstOf(failingRows({ failRate, failText }), atRate(errorRate, { kind: "status", status: 500 })),
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

/** Refuses requests for good: those with a text in them, and a share of all others, the same ones each time. */
function failingRows({ failRate, failText }: Pick<SimulateFlags, "failRate" | "failText">): FaultScript {
  // Who names none simulates a server of any speed, and each request would be written and hashed.
  if (failRate === 0 && failText.length === 0) return () => undefined;
  return ({ body }) => {
    const text = JSON.stringify(body) ?? "";
    const isNamed = failText.some((part) => text.includes(JSON.stringify(part).slice(1, -1)));
    const place = createHash("sha256").update(text).digest().readUInt32BE() / 2 ** 32;
    return isNamed || place < failRate ? { kind: "status", status: 400 } : undefined;
  };
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
