export { completionStream } from "./completion-stream.ts";
export { createLimiter, createVirtualClock, NeverFitsError, systemClock } from "@parallel-parrot/limiter";
export type {
  Clock,
  Limiter,
  LimiterOptions,
  LimitState,
  Permit,
  RateLimits,
  VirtualClock,
} from "@parallel-parrot/limiter";
export { createScaledClock } from "./scaled-clock.ts";
export type { CompletionOptions } from "./options.ts";
export type { CompletionProgress, CompletionStage } from "./completion-stream.ts";
