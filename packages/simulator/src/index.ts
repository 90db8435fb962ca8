export { atRate, firstOf, onAttempt, onRequest } from "./faults/fault.ts";
export type { RowConfusion } from "./answers/several-rows.ts";
export { countTokens } from "./tokens.ts";
export { anthropicDialect } from "./dialects/anthropic/dialect.ts";
export { azureDialect } from "./dialects/azure/dialect.ts";
export { bedrockDialect } from "./dialects/bedrock/dialect.ts";
export { cohereDialect } from "./dialects/cohere/dialect.ts";
export { deepseekDialect } from "./dialects/chat-completions/vendors/deepseek.ts";
export { fireworksDialect } from "./dialects/chat-completions/vendors/fireworks.ts";
export { geminiDialect, vertexDialect } from "./dialects/gemini/dialect.ts";
export { groqDialect } from "./dialects/chat-completions/vendors/groq.ts";
export { llamaCppDialect } from "./dialects/chat-completions/vendors/llama-cpp.ts";
export { vllmDialect } from "./dialects/chat-completions/vendors/vllm.ts";
export { mistralDialect } from "./dialects/mistral/dialect.ts";
export { ollamaCloudDialect, ollamaDialect } from "./dialects/ollama/dialect.ts";
export { openaiDialect } from "./dialects/chat-completions/vendors/openai.ts";
export { openrouterDialect } from "./dialects/chat-completions/vendors/openrouter.ts";
export { responsesDialect } from "./dialects/openai-responses/dialect.ts";
export { togetherDialect } from "./dialects/chat-completions/vendors/together.ts";
export { xaiDialect } from "./dialects/chat-completions/vendors/xai.ts";
export { startSimulator } from "./server/simulator.ts";
export type {
  AnswerFault,
  DeliveryFault,
  ErrorForm,
  LoadingForm,
  Fault,
  FaultRequest,
  FaultScript,
  ImmediateFault,
} from "./faults/fault.ts";
export type {
  BatchApi,
  BatchCall,
  JobReading,
  SimFile,
  SimJob,
  SimJobCounts,
  SimJobProblem,
  SimJobRequest,
  SimJobState,
  SimLine,
  SimOutcome,
} from "./batches/batch-api.ts";
export type { BatchRecord, BatchRun } from "./batches/batch-desk.ts";
export type { BatchFault, BatchOptions } from "./batches/batch-options.ts";
export type { ApiName } from "./dialects/apis.ts";
export type {
  ChargeRule,
  Dialect,
  FilterForms,
  LimitDimension,
  LimitState,
  SimAnswer,
  SimChoice,
  SimError,
  SimFinish,
  SimImage,
  SimMessage,
  SimRequest,
  SimResponse,
  SimRoute,
  SimShape,
  SimTarget,
} from "./dialect.ts";
export type { Latency } from "./server/latency.ts";
export type { Ledger, LedgerEntry } from "./server/ledger.ts";
export type { LimitOptions, LimitUse } from "./limits/limiter.ts";
export type { Random } from "./random.ts";
export type { Simulator } from "./server/simulator.ts";
export type { SimulatorOptions } from "./server/options.ts";
export type { SimulatorStats } from "./server/stats.ts";
