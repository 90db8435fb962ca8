import {
  aBoolean,
  aFunction,
  aNumber,
  aNumberAbove0,
  anOutput,
  aSignal,
  aText,
  describeGiven,
  expecting,
  isObject,
  oneOf,
  optionsOf,
  required,
  texts,
  wholeNumber,
  type OptionCheck,
  type OptionChecks,
} from "@parallel-parrot/core";
import type { Limiter, RateLimits } from "@parallel-parrot/limiter";
import type { GenerationParams, ListedPrice, Provider } from "@parallel-parrot/providers";
import type { BatchOptions } from "./batch/batch-options.ts";
import { budgetLimits } from "./budget/budget-limits.ts";
import type { Budget } from "./budget/budget.ts";
import type { CompletionOptions, EarlierAsking } from "./options.ts";

/** Whether a value has these functions. That tells our own objects from others, whichever copy of a package made them. */
export function hasFunctions(value: unknown, ...names: readonly string[]): boolean {
  return isObject(value) && names.every((name) => typeof Reflect.get(value, name) === "function");
}

export const aProvider: OptionCheck = required(
  expecting('a provider, such as openai({ model: "gpt-4.1-mini" })', (value) =>
    hasFunctions(value, "buildRequest", "readResponse", "authorize" satisfies keyof Provider),
  ),
  'a provider, such as openai({ model: "gpt-4.1-mini" })',
);

export const aLimiter: OptionCheck = expecting("a limiter: createLimiter(…)", (value) =>
  hasFunctions(value, "reserve", "tryReserve", "learn" satisfies keyof Limiter),
);

const RATES = {
  input: required(dollars(), "US dollars per million tokens"),
  output: required(dollars(), "US dollars per million tokens"),
  cachedInput: dollars(),
  cacheWrite: dollars(),
};

export const aPrice: OptionCheck = optionsOf<ListedPrice>({
  ...RATES,
  longContext: optionsOf<NonNullable<ListedPrice["longContext"]>>({
    ...RATES,
    over: required(wholeNumber(0), "a number of tokens"),
  }),
  maxOutputTokens: wholeNumber(1),
  maxInputTokens: wholeNumber(1),
  // `findPrice` returns these too.
  provider: aText,
  model: aText,
  source: aText,
  date: aText,
});

function dollars(): OptionCheck {
  return expecting("US dollars per million tokens", (value) => Number.isFinite(value) && Number(value) >= 0);
}

export const rateLimits: OptionCheck = optionsOf<RateLimits>({
  requestsPerMinute: aNumberAbove0,
  tokensPerMinute: aNumberAbove0,
  inputTokensPerMinute: aNumberAbove0,
  outputTokensPerMinute: aNumberAbove0,
  requestsPerDay: aNumberAbove0,
  tokensPerDay: aNumberAbove0,
});

const aBudget: OptionCheck = {
  problemOf: (value, option) =>
    hasFunctions(value, "reserve", "tryReserve" satisfies keyof Budget)
      ? undefined
      : budgetLimits.problemOf(value, option),
};

const aJournal: OptionCheck = expecting(
  "the path of a journal, an open one or one of its runs",
  (value) =>
    (typeof value === "string" && value !== "") ||
    hasFunctions(value, "begin") ||
    hasFunctions(value, "append", "find"),
);

export const GENERATION_PARAMS: OptionChecks<GenerationParams> = {
  temperature: aNumber,
  topP: aNumber,
  maxTokens: wholeNumber(1),
  stop: texts,
  seed: wholeNumber(Number.MIN_SAFE_INTEGER),
  reasoningEffort: oneOf("none", "minimal", "low", "medium", "high", "xhigh", "max"),
  presencePenalty: aNumber,
  frequencyPenalty: aNumber,
  logitBias: expecting(
    'an object of token numbers and finite numbers, such as { "1734": -100 }',
    (value) =>
      isObject(value) &&
      !Array.isArray(value) &&
      Object.entries(value).every(([token, bias]) => /^\d+$/.test(token) && Number.isFinite(bias)),
  ),
  endUser: expecting("a text that is not empty", (value) => typeof value === "string" && value !== ""),
};

const batchOptions = optionsOf<BatchOptions>({
  windowHours: aNumberAbove0,
  deadline: expecting(
    "a date, or milliseconds above 0",
    (value) =>
      (value instanceof Date && !Number.isNaN(value.getTime())) ||
      (typeof value === "number" && Number.isFinite(value) && value > 0),
  ),
  maxRequests: wholeNumber(1),
  maxBytes: wholeNumber(1),
  maxEnqueuedTokens: wholeNumber(1),
  tail: expecting('a number of requests, or "never"', (value) => value === "never" || isCount(value)),
  rounds: wholeNumber(0),
  wait: aBoolean,
  keepRemote: aBoolean,
  priceFactor: expecting("a number from 0 to 1", (value) => Number(value) >= 0 && Number(value) <= 1),
});

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

const aBatch: OptionCheck = {
  problemOf: (value, option) =>
    typeof value === "boolean" ? undefined : batchOptions.problemOf(value, option),
};

const onContext = oneOf("fail", "skip", "truncate");

const earlierAsking: OptionCheck = optionsOf<EarlierAsking>({
  ...GENERATION_PARAMS,
  provider: aProvider,
  rowParams: aFunction,
  onContext,
});

const earlierAskings: OptionCheck = {
  problemOf(value, option) {
    if (!Array.isArray(value))
      return { option, message: `expected a list of { provider, … }, got ${describeGiven(value)}` };
    for (const [position, each] of (value as readonly unknown[]).entries()) {
      const problem = earlierAsking.problemOf(each, `${option}[${position}]`);
      if (problem !== undefined) return problem;
    }
    return undefined;
  },
};

/** The options of `completionStream`, and what each may be. */
export const COMPLETION_OPTIONS: OptionChecks<CompletionOptions> = {
  ...GENERATION_PARAMS,
  output: anOutput,
  rowParams: aFunction,
  journal: aJournal,
  batch: aBatch,
  onContext,
  reuse: oneOf("all", "answers", "none", "only"),
  askEqualOnce: aBoolean,
  promptCache: aBoolean,
  rowsPerRequest: wholeNumber(1, 1000),
  earlier: earlierAskings,
  asksAgain: aFunction,
  requestOutput: anOutput,
  n: wholeNumber(1),
  concurrency: wholeNumber(1),
  order: oneOf("input", "completion"),
  window: wholeNumber(1),
  limits: rateLimits,
  limiter: aLimiter,
  budget: aBudget,
  price: aPrice,
  maxAttempts: wholeNumber(1),
  maxReasks: wholeNumber(0),
  attemptTimeoutMs: aNumberAbove0,
  rowTimeoutMs: aNumberAbove0,
  runTimeoutMs: aNumberAbove0,
  maxWaitMs: aNumberAbove0,
  maxOutageMs: aNumberAbove0,
  maxSameRefusals: wholeNumber(0),
  maxResponseBytes: aNumberAbove0,
  onStop: oneOf("error", "close"),
  onEvent: aFunction,
  signal: aSignal,
  dispatcher: expecting("an undici dispatcher", (value) => hasFunctions(value, "dispatch")),
};
