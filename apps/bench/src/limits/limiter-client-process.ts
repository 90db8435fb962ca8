/** A process that drives one limiter server for the length of a run: `node limiter-client-process.ts PLAN`. */
import { createLimiter, openai, pipeline, text, type RateLimits } from "parallel-parrot";
import { MAX_TOKENS, REQUESTS_PER_MINUTE, TOKENS_PER_MINUTE, type Cell } from "./cell.ts";
import type { ClientOutcome, ClientPlan } from "./client-plan.ts";
import { createScaledClock } from "./create-scaled-clock.ts";
import { RUN_MS } from "./steady-part.ts";

const { baseUrl, told, timeFactor }: ClientPlan = JSON.parse(process.argv[2] ?? "");
const clock = createScaledClock(timeFactor);

/** Rows without end, of 360 to 840 tokens or so. */
function* endlessRows(): Generator<{ text: string }> {
  for (let row = 0; ; row++) {
    const characters = 1300 + ((row * 104_729) % 1730);
    yield { text: `row ${row}: ${"parrot ".repeat(Math.ceil(characters / 7))}` };
  }
}

function limitsOf(told: Cell["told"]): RateLimits | undefined {
  if (told === "nothing") return undefined;
  const times = told === "twice" ? 2 : 1;
  return {
    requestsPerMinute: REQUESTS_PER_MINUTE * times,
    tokensPerMinute: TOKENS_PER_MINUTE * times,
  };
}

async function drive(): Promise<ClientOutcome> {
  const limits = limitsOf(told);
  const end = new AbortController();
  const run = pipeline({
    provider: openai({ model: "bench", baseUrl, apiKey: "bench-key" }),
    prompt: "${text}",
    output: text("answer"),
    maxTokens: MAX_TOKENS,
    signal: end.signal,
    limiter: createLimiter({
      clock,
      ...(limits === undefined ? {} : { limits }),
    }),
  });
  clock.after(RUN_MS, () => end.abort(new Error("The time is over")));
  try {
    await ReadableStream.from(endlessRows()).pipeThrough(run).pipeTo(new WritableStream());
  } catch (error) {
    if (error !== end.signal.reason) return { failed: run.failedCount, stopped: String(error) };
  }
  return { failed: run.failedCount };
}

process.on("message", () => {
  drive().then(
    (outcome) => process.send?.(outcome),
    (error: unknown) => process.send?.({ failed: 0, stopped: String(error) } satisfies ClientOutcome),
  );
});
process.on("disconnect", () => process.exit());
process.send?.("ready");
