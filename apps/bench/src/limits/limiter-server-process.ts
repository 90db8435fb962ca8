/**
 * A process that is an API with rate limits, counted on its own: nothing of the project is in it. Its option is the
 * {@linkcode ServerPlan}.
 */
import { lognormalOf } from "../servers/lognormal-of.ts";
import { responseOf, servePlainly } from "../servers/plain-server.ts";
import { REQUESTS_PER_MINUTE, TOKENS_PER_MINUTE } from "./cell.ts";
import { createMeter } from "./create-meter.ts";
import { createScaledClock } from "./create-scaled-clock.ts";
import { STEP_MS, type LimitStats } from "./limit-stats.ts";
import { MINUTE_MS, type Meter } from "./meter.ts";
import type { ServerPlan } from "./client-plan.ts";
import { readUsage, type RequestUsage } from "./read-usage.ts";
import { STEADY_FROM_MS, STEADY_TO_MS } from "./steady-part.ts";

const { cell, timeFactor }: ServerPlan = JSON.parse(process.argv[2] ?? "");
const clock = createScaledClock(timeFactor);

/** Time begins with the first request. */
interface Book {
  readonly start: number;
  readonly limits: readonly { readonly name: string; readonly limit: number; readonly meter: Meter }[];
}

const LATENCY = { medianMs: 1500, p99OverMedian: 3 };

let book: Book | undefined;
let requests = 0;
let refused = 0;
let tokens = 0;
const tokensByStep: number[] = [];

function openBook(start: number): Book {
  const entry = (name: string, limit: number): Book["limits"][number] => ({
    name,
    limit,
    meter: createMeter[cell.kind](limit, start),
  });
  return { start, limits: [entry("requests", REQUESTS_PER_MINUTE), entry("tokens", TOKENS_PER_MINUTE)] };
}

function limitHeaders(now: number): string[] {
  if (cell.headers === "none" || book === undefined) return [];
  return book.limits.flatMap(({ name, limit, meter }) => [
    `x-ratelimit-limit-${name}: ${limit}`,
    `x-ratelimit-remaining-${name}: ${Math.max(0, Math.floor(meter.remaining(now)))}`,
    `x-ratelimit-reset-${name}: ${Math.ceil(meter.resetIn(now))}ms`,
  ]);
}

function refuse(name: string, waitMs: number, now: number): Buffer {
  const error = {
    message: `Rate limit reached for ${name} per min`,
    type: name,
    code: "rate_limit_exceeded",
  };
  const retry =
    cell.headers === "none"
      ? []
      : [`retry-after-ms: ${Math.ceil(waitMs)}`, `retry-after: ${Math.ceil(waitMs / 1000)}`];
  return responseOf("429 Too Many Requests", JSON.stringify({ error }), [...limitHeaders(now), ...retry]);
}

function answer({ inputTokens, outputTokens }: RequestUsage, now: number): Buffer {
  const body = JSON.stringify({
    object: "chat.completion",
    model: "bench",
    choices: [{ index: 0, message: { role: "assistant", content: "Parrots." }, finish_reason: "stop" }],
    usage: {
      prompt_tokens: inputTokens,
      completion_tokens: outputTokens,
      total_tokens: inputTokens + outputTokens,
    },
  });
  return responseOf("200 OK", body, limitHeaders(now));
}

servePlainly(({ body }, respond) => {
  const now = clock.now();
  book ??= openBook(now);
  const { start, limits } = book;
  const usage = readUsage(body);
  const taken = usage.inputTokens + (cell.charge === "actual" ? usage.outputTokens : usage.maxTokens);
  const amounts: Record<string, number> = { requests: 1, tokens: taken };
  const counts = now - start >= STEADY_FROM_MS && now - start < STEADY_TO_MS;
  if (counts) requests += 1;
  for (const { name, meter } of limits) {
    const waitMs = meter.waitFor(amounts[name] ?? 0, now);
    if (waitMs > 0) {
      if (counts) refused += 1;
      respond(refuse(name, waitMs, now));
      return;
    }
  }
  for (const { name, meter } of limits) meter.take(amounts[name] ?? 0, now);
  if (counts) tokens += taken;
  const step = Math.floor((now - start) / STEP_MS);
  tokensByStep[step] = (tokensByStep[step] ?? 0) + taken;
  clock.after(lognormalOf(usage.row, LATENCY), () => respond(answer(usage, clock.now())));
});

process.on("message", () => {
  const allowed = (TOKENS_PER_MINUTE * (STEADY_TO_MS - STEADY_FROM_MS)) / MINUTE_MS;
  const inStep = (TOKENS_PER_MINUTE * STEP_MS) / MINUTE_MS;
  const stats: LimitStats = {
    used: tokens / allowed,
    refused: refused / Math.max(requests, 1),
    requests,
    usedByStep: Array.from(
      { length: Math.floor(STEADY_TO_MS / STEP_MS) },
      (_, step) => (tokensByStep[step] ?? 0) / inStep,
    ),
  };
  process.send?.(stats);
});
