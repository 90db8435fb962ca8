export { completionStream } from "./completion-stream.ts";
export { createLimiter, NeverFitsError } from "./limiter.ts";
export { createVirtualClock } from "./virtual-clock.ts";
export { systemClock } from "./clock.ts";
export type { Clock } from "./clock.ts";
export type { CompletionOptions } from "./options.ts";
export type { CompletionProgress, CompletionStage } from "./completion-stream.ts";
export type { Limiter, LimiterOptions, LimitState, Permit, RateLimits } from "./limiter.ts";
export type { VirtualClock } from "./virtual-clock.ts";
