// The first that imports core, which says which Node.js is needed before undici fails on an older one.
export { createBudget } from "./budget/budget.ts";
export { createAgent } from "./http/agent.ts";
export { costOf } from "./budget/cost.ts";
export { completionStream } from "./completion-stream.ts";
export { isModelByRow, modelByRow } from "./by-row/model-by-row.ts";
export { EqualPrompts } from "./run/equal-prompts.ts";
export { PROXY_VARIABLES } from "./http/proxy/proxy-of.ts";
export { isPool, pool } from "./routing/pool/pool.ts";
export { formatDollars } from "./budget/format-dollars.ts";
export { createLimiter } from "./create-limiter.ts";
export { createVirtualClock, NeverFitsError, systemClock } from "@parallel-parrot/limiter";
export type {
  Clock,
  Limiter,
  LimiterOptions,
  Limit,
  LimitState,
  Permit,
  RateLimits,
  VirtualClock,
  Wait,
  WaitSource,
} from "@parallel-parrot/limiter";
export { createScaledClock } from "./scaled-clock.ts";
export { connectionFault } from "./http/connection-fault.ts";
export type { ConnectionFault } from "./http/connection-fault.ts";
export { cancelBatch } from "./batch/cancel-batch.ts";
export type { CancelBatchOptions } from "./batch/cancel-batch.ts";
export type { BatchOptions } from "./batch/batch-options.ts";
export { learnedQueueLimit } from "./batch/cut/learned-queue-limit.ts";
export { planBatches } from "./batch/cut/plan-batches.ts";
export type { BatchPlan, BatchPlanOptions, BatchWork } from "./batch/cut/plan-batches.ts";
export type { JobSize } from "./batch/cut/job-size.ts";
export type { BatchProgress, JobProgress } from "./batch/batch-progress.ts";
export type { AloneReason, GroupProgress } from "./group/group-progress.ts";
export { sumOfGroups } from "./group/group-progress.ts";
export type { BudgetLimits } from "./budget/budget-limits.ts";
export type { Spending } from "./budget/amounts.ts";
export type { Budget, BudgetState, Reservation } from "./budget/budget.ts";
export type { AgentOptions } from "./http/agent-options.ts";
export { aProvider, COMPLETION_OPTIONS } from "./option-checks.ts";
export type { CompletionOptions, EarlierAsking, OnContext, Reuse } from "./options.ts";
export type { ModelByRow, RowModel } from "./by-row/model-by-row.ts";
export type { CompletionStage } from "./completion-stream.ts";
export { EVENT_TYPES, subscribe } from "./events/event-channels.ts";
export type {
  AttemptEnd,
  AttemptOutcome,
  AttemptStart,
  BatchJobChange,
  BreakerChange,
  EventBase,
  EventOf,
  EventRow,
  EventRun,
  EventType,
  JournalHit,
  LimitChange,
  LimitCut,
  Reask,
  RowEnd,
  RowStart,
  RunEvent,
  SendWrap,
  WaitEnd,
  WaitReason,
} from "./events/run-event.ts";
export type { AttemptCode, AttemptErrors } from "./request/attempt-tally.ts";
export { limitName } from "./limit-name.ts";
export type { CompletionProgress, MemberProgress, ModelProgress } from "./progress.ts";
export type { AnswerTimes } from "./waiting/answer-times.ts";
export type { AnswerWait, BudgetWait, CheckWait, LimitWait, OutageWait, RunWait } from "./run-wait.ts";
export type { Pool, PoolMember, PoolOptions } from "./routing/pool/pool.ts";
