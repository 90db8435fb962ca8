import type { Counter, Histogram, Meter, UpDownCounter } from "@opentelemetry/api";
import type { EventOf } from "@parallel-parrot/transport";
import { providerName, type AttributeValues, type Conventions } from "./conventions.ts";

/** The conventions' own bounds for durations, in seconds: each twice the one before. */
const DURATION_BOUNDS: readonly number[] = Array.from({ length: 14 }, (_, power) => 0.01 * 2 ** power);
/** The conventions' own bounds for tokens: each four times the one before. */
const TOKEN_BOUNDS: readonly number[] = Array.from({ length: 14 }, (_, power) => 4 ** power);

/** Measures rows and requests. */
export class RunMetrics {
  readonly #conventions: Conventions;
  readonly #durations: readonly Histogram[];
  readonly #tokens: Histogram | undefined;
  readonly #tokenCounts: Readonly<Record<"input" | "output" | "cacheRead", Counter>> | undefined;
  readonly #rows: Counter;
  readonly #attempts: Counter;
  readonly #inFlight: UpDownCounter;
  readonly #cost: Counter;
  readonly #waits: Histogram;

  constructor(meter: Meter, conventions: Conventions) {
    this.#conventions = conventions;
    const seconds = { unit: "s", advice: { explicitBucketBoundaries: [...DURATION_BOUNDS] } };
    const durations = [
      ...(conventions.has("released") ? ["gen_ai.client.operation.duration"] : []),
      ...(conventions.has("latest") ? ["gen_ai.client.inference.duration"] : []),
    ];
    this.#durations = durations.map((name) => meter.createHistogram(name, seconds));
    const tokens = { unit: "{token}" };
    this.#tokens = conventions.has("released")
      ? meter.createHistogram("gen_ai.client.token.usage", {
          ...tokens,
          advice: { explicitBucketBoundaries: [...TOKEN_BOUNDS] },
        })
      : undefined;
    const usage = "gen_ai.client.inference.usage";
    this.#tokenCounts = conventions.has("latest")
      ? {
          input: meter.createCounter(`${usage}.input_tokens`, tokens),
          output: meter.createCounter(`${usage}.output_tokens`, tokens),
          cacheRead: meter.createCounter(`${usage}.cache_read.input_tokens`, tokens),
        }
      : undefined;
    this.#rows = meter.createCounter("parallel_parrot.rows", { unit: "{row}" });
    this.#attempts = meter.createCounter("parallel_parrot.attempts", { unit: "{request}" });
    this.#inFlight = meter.createUpDownCounter("parallel_parrot.in_flight", { unit: "{request}" });
    this.#cost = meter.createCounter("parallel_parrot.cost", { unit: "{USD}" });
    this.#waits = meter.createHistogram("parallel_parrot.wait.duration", seconds);
  }

  rowEnded({ run, outcome, code, durationMs }: EventOf<"row:end">): void {
    const whose = this.#whose(run.provider, run.model);
    const errors: AttributeValues = code === undefined ? {} : { "error.type": code };
    for (const histogram of this.#durations) histogram.record(durationMs / 1000, { ...whose, ...errors });
    this.#rows.add(1, { ...whose, ...errors, "parallel_parrot.outcome": outcome });
  }

  attemptStarted({ provider, model }: EventOf<"attempt:start">): void {
    this.#inFlight.add(1, this.#whose(provider, model));
  }

  attemptEnded({ provider, model, outcome, code, usage, cost }: EventOf<"attempt:end">): void {
    const whose = this.#whose(provider, model);
    this.#inFlight.add(-1, whose);
    this.#attempts.add(1, {
      ...whose,
      "parallel_parrot.outcome": outcome,
      ...(code !== undefined && { "error.type": code }),
    });
    if (cost !== undefined) this.#cost.add(cost, whose);
    if (usage === undefined || usage.inputTokens + usage.outputTokens === 0) return;
    for (const type of ["input", "output"] as const) {
      const count = type === "input" ? usage.inputTokens : usage.outputTokens;
      this.#tokens?.record(count, { ...whose, ...this.#conventions.named({ tokenType: type }) });
      this.#tokenCounts?.[type].add(count, whose);
    }
    this.#tokenCounts?.cacheRead.add(usage.cachedInputTokens, whose);
  }

  waited({ run, reason, durationMs }: EventOf<"wait">): void {
    const whose = this.#whose(run.provider, run.model);
    this.#waits.record(durationMs / 1000, { ...whose, "parallel_parrot.reason": reason });
  }

  #whose(provider: string, model: string): AttributeValues {
    const name = providerName(provider);
    return this.#conventions.named({ operation: "chat", provider: name, system: name, requestModel: model });
  }
}
