export { atRate, firstOf, onAttempt, onRequest } from "./fault.ts";
export { countTokens } from "./tokens.ts";
export { anthropicDialect } from "./anthropic-dialect.ts";
export { azureDialect } from "./azure-dialect.ts";
export { bedrockDialect } from "./bedrock-dialect.ts";
export { cohereDialect } from "./cohere-dialect.ts";
export { deepseekDialect } from "./deepseek-dialect.ts";
export { fireworksDialect } from "./fireworks-dialect.ts";
export { geminiDialect, vertexDialect } from "./gemini-dialect.ts";
export { groqDialect } from "./groq-dialect.ts";
export { llamaCppDialect, vllmDialect } from "./local-dialects.ts";
export { mistralDialect } from "./mistral-dialect.ts";
export { ollamaCloudDialect, ollamaDialect } from "./ollama-dialect.ts";
export { openaiDialect } from "./openai-dialect.ts";
export { openrouterDialect } from "./openrouter-dialect.ts";
export { responsesDialect } from "./responses-dialect.ts";
export { togetherDialect } from "./together-dialect.ts";
export { xaiDialect } from "./xai-dialect.ts";
export { startSimulator } from "./simulator.ts";
export type {
  AnswerFault,
  DeliveryFault,
  Fault,
  FaultRequest,
  FaultScript,
  ImmediateFault,
} from "./fault.ts";
export type { ApiName } from "./apis.ts";
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
export type { Latency } from "./latency.ts";
export type { Ledger, LedgerEntry } from "./ledger.ts";
export type { LimitOptions, LimitUse } from "./limiter.ts";
export type { Random } from "./random.ts";
export type { Simulator } from "./simulator.ts";
export type { SimulatorOptions } from "./options.ts";
export type { SimulatorStats } from "./stats.ts";
