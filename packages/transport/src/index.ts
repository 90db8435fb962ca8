// The first that imports core, which says which Node.js is needed before undici fails on an older one.
export { createBudget } from "./budget/budget.ts";
export { createAgent } from "./http/agent.ts";
export { costOf } from "./budget/cost.ts";
export { completionStream } from "./completion-stream.ts";
export { EqualPrompts } from "./run/equal-prompts.ts";
export { isPool, pool } from "./routing/pool.ts";
export { formatDollars } from "./budget/format-dollars.ts";
export { createLimiter } from "./create-limiter.ts";
export { createVirtualClock, NeverFitsError, systemClock } from "@parallel-parrot/limiter";
export type { EarlierAsking } from "./row/earlier-asking.ts";
export type {
  Clock,
  Limiter,
  LimiterOptions,
  Limit,
  LimitState,
  Permit,
  RateLimits,
  VirtualClock,
} from "@parallel-parrot/limiter";
export { createScaledClock } from "./scaled-clock.ts";
export type { Budget, BudgetLimits, BudgetState, Reservation, Spending } from "./budget/budget.ts";
export type { AgentOptions } from "./http/agent-options.ts";
export { aProvider, COMPLETION_OPTIONS } from "./option-checks.ts";
export type { CompletionOptions, OnContext, Reuse } from "./options.ts";
export type { CompletionProgress, CompletionStage } from "./completion-stream.ts";
export type { MemberProgress } from "./routing/member.ts";
export type { Pool, PoolMember, PoolOptions } from "./routing/pool.ts";
