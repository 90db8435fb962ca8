import type { PromptCacheOptions } from "../caching/prompt-cache.ts";
import type { Dialect, SimRequest } from "../dialect.ts";
import type { Fault, FaultScript } from "../faults/fault.ts";
import { type BatchOptions, type BatchSettings, readBatchOptions } from "../batches/batch-options.ts";
import type { Latency } from "./latency.ts";
import type { LimitOptions } from "../limits/limiter.ts";
import { openaiDialect } from "../dialects/chat-completions/vendors/openai.ts";

/** Options of {@linkcode startSimulator}. */
export interface SimulatorOptions {
  /** The dialect of the API at `baseUrl`; the other APIs are at `urls` in any case. @default openaiDialect */
  readonly dialect?: Dialect;
  /** The key that requests must carry. @default "sim-key" */
  readonly apiKey?: string;
  /** The models that exist. @default any */
  readonly models?: readonly string[];
  /** The port on 127.0.0.1; 0 means any free one. @default 0 */
  readonly port?: number;
  /** The rate limits to enforce. @default none */
  readonly limits?: LimitOptions;
  /** How long answers take. Refusals and immediate faults take no time. @default `{ kind: "none" }` */
  readonly latency?: Latency;
  /** The factor for the latency and the times of faults: with 0.01, 30 s become 0.3 s. @default 1 */
  readonly timeScale?: number;
  /** A script of faults, or a list with the fault of each request, `undefined` for none. @default none */
  readonly faults?: FaultScript | readonly (Fault | undefined)[];
  /** The seed of the latency and of random faults. Answers depend only on the request. @default 1 */
  readonly seed?: number;
  /** The most tokens of prompt and answer together. @default unlimited */
  readonly contextTokens?: number;
  /** The size of the largest request body. @default 25 MiB */
  readonly maxBodyBytes?: number;
  /**
   * Returns the text of a choice (0 for the first); `undefined` means the text that is made from the prompt.
   * @default none
   */
  readonly answer?: (request: SimRequest, choice: number) => string | undefined;
  /**
   * Whether a body that is repeated gets another answer, as from a model with a temperature above 0.
   * @default false
   */
  readonly varyRepeats?: boolean;
  /**
   * Keeps the beginnings of prompts as the APIs of Anthropic, Bedrock and OpenAI do, and tells what was read and written.
   * @default nothing is kept
   */
  readonly promptCache?: PromptCacheOptions;
  /** How batches behave. @default each job has ended as soon as one looks, and nothing goes wrong */
  readonly batch?: BatchOptions;
  /** With `"counts"` the ledger keeps no entries. @default "entries" */
  readonly ledger?: "entries" | "counts";
  /** The number of entries that are kept; the oldest are dropped. @default 100000 */
  readonly ledgerLimit?: number;
}

/** {@linkcode SimulatorOptions} that have been checked and have their defaults. */
export interface Settings {
  readonly dialect: Dialect;
  readonly apiKey: string;
  readonly models: readonly string[] | undefined;
  readonly port: number;
  readonly limits: LimitOptions;
  readonly latency: Latency;
  readonly timeScale: number;
  readonly faults: FaultScript;
  readonly seed: number;
  readonly contextTokens: number;
  readonly maxBodyBytes: number;
  readonly answer: (request: SimRequest, choice: number) => string | undefined;
  readonly varyRepeats: boolean;
  readonly ledgerLimit: number;
  readonly promptCache: PromptCacheOptions | undefined;
  readonly batch: BatchSettings;
}

/** @throws RangeError if a number is out of its range */
export function readOptions(options: SimulatorOptions): Settings {
  const { faults = [], limits = {}, latency = { kind: "none" }, ledgerLimit = 100_000 } = options;
  const settings: Settings = {
    dialect: options.dialect ?? openaiDialect,
    apiKey: options.apiKey ?? "sim-key",
    models: options.models,
    port: options.port ?? 0,
    limits: checkLimits(limits),
    latency,
    timeScale: options.timeScale ?? 1,
    faults: typeof faults === "function" ? faults : ({ sequence }) => faults[sequence - 1],
    seed: options.seed ?? 1,
    contextTokens: options.contextTokens ?? Infinity,
    maxBodyBytes: options.maxBodyBytes ?? 25 * 2 ** 20,
    answer: options.answer ?? (() => undefined),
    varyRepeats: options.varyRepeats ?? false,
    ledgerLimit: options.ledger === "counts" ? 0 : ledgerLimit,
    promptCache: options.promptCache,
    batch: readBatchOptions(options.batch ?? {}),
  };
  checkLatency(latency);
  requireAtLeast(0, "timeScale", settings.timeScale);
  requireAtLeast(1, "contextTokens", settings.contextTokens);
  requireAtLeast(1, "maxBodyBytes", settings.maxBodyBytes);
  requireAtLeast(1, "ledgerLimit", ledgerLimit);
  requireAtLeast(1, "promptCache.minTokens", settings.promptCache?.minTokens ?? 1);
  requireAtLeast(0, "promptCache.lifetimeMs", settings.promptCache?.lifetimeMs ?? 0);
  return settings;
}

const LIMIT_NUMBERS = [
  "requestsPerMinute",
  "tokensPerMinute",
  "inputTokensPerMinute",
  "outputTokensPerMinute",
  "burstSeconds",
  "windowMs",
] as const;

/** @throws RangeError if a number is out of its range */
export function checkLimits(limits: LimitOptions): LimitOptions {
  for (const option of LIMIT_NUMBERS) {
    const value = limits[option];
    if (value !== undefined && !(value > 0 && value < Infinity))
      throw new RangeError(`Cannot set the limits: limits.${option} must be above 0, got ${value}`);
  }
  return limits;
}

function checkLatency(latency: Latency): void {
  if (latency.kind === "fixed") requireAtLeast(0, "latency.ms", latency.ms);
  if (latency.kind === "perToken") {
    requireAtLeast(0, "latency.baseMs", latency.baseMs);
    requireAtLeast(0, "latency.msPerToken", latency.msPerToken);
  }
  if (latency.kind === "lognormal") {
    requireAtLeast(Number.MIN_VALUE, "latency.medianMs", latency.medianMs);
    requireAtLeast(latency.medianMs, "latency.p99Ms", latency.p99Ms);
  }
}

function requireAtLeast(least: number, option: string, value: number): void {
  if (!(value >= least))
    throw new RangeError(`Cannot start the simulator: ${option} must be at least ${least}, got ${value}`);
}
