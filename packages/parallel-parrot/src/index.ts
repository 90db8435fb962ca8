export { generateColumns } from "./generate/generate-columns.ts";
export { generateData } from "./generate/generate-data.ts";
export { generateText } from "./generate/generate-text.ts";
export { pipeline } from "./pipeline.ts";
export type { ColumnsOptions } from "./generate/generate-columns.ts";
export type { DataOptions } from "./generate/generate-data.ts";
export type { Generated, GeneratedStream, RowStream } from "./generate/generated.ts";
export type { TextOptions } from "./generate/generate-text.ts";
export type {
  ArrowColumn,
  BatchStream,
  GeneratedBatches,
  GeneratedFrame,
  KnownFrame,
  WithColumns,
} from "./frames/generated-frame.ts";
export { tooManyFailures, type MaxFailures } from "./max-failures.ts";
export type { Pipeline } from "./pipeline.ts";
export type { PipelineOptions } from "./pipeline-options.ts";
export type { RowWarning } from "./answers.ts";
export type { RunReport } from "./run-report.ts";

export {
  mapConcurrentStream,
  mapStream,
  isFailed,
  isParrotError,
  ParrotError,
  stringifyJson,
  transformStreamFrom,
  untilError,
} from "@parallel-parrot/core";
export type {
  Choice,
  Completed,
  Completion,
  ErrorCode,
  Failed,
  Failure,
  FailureCode,
  ImagePart,
  Item,
  Message,
  Output,
  Parsed,
  Prompt,
  Prompted,
  Row,
  Stage,
  Usage,
  Warning,
  WarningCode,
} from "@parallel-parrot/core";

export * as prompts from "./prompts.ts";
export { promptStream, template } from "@parallel-parrot/template";
export type { PromptTemplate } from "@parallel-parrot/template";

export {
  anthropic,
  azureOpenAI,
  bedrock,
  cohere,
  deepseek,
  findPrice,
  fireworks,
  fromLanguageModel,
  functionProvider,
  gemini,
  groq,
  llamaCpp,
  localLlama,
  mistral,
  ollama,
  openai,
  openaiCompatible,
  openaiResponses,
  openrouter,
  providers,
  together,
  vertex,
  VerdictError,
  vllm,
  xai,
} from "@parallel-parrot/providers";
export type {
  AiSdkLanguageModel,
  AnthropicOptions,
  AwsCredentials,
  AzureOpenAIOptions,
  BedrockOptions,
  CohereOptions,
  FunctionCompletion,
  FunctionProviderOptions,
  FunctionRequest,
  GeminiOptions,
  GenerationParams,
  LanguageModelOptions,
  ListedPrice,
  LocalLlamaOptions,
  OllamaOptions,
  OpenAICompatibleOptions,
  OpenAIOptions,
  Price,
  Provider,
  ProviderEntry,
  ProviderInfo,
  ProviderOptions,
  ReasoningEffort,
  VertexOptions,
} from "@parallel-parrot/providers";

export { memoryJournal, openJournal } from "@parallel-parrot/journal";
export type { Journal, JournalRecord, JournalRun, RunSummary, StoredRecord } from "@parallel-parrot/journal";

export {
  completionStream,
  costOf,
  createBudget,
  createLimiter,
  EVENT_TYPES,
  modelByRow,
  pool,
  subscribe,
} from "@parallel-parrot/transport";
export type {
  AnswerTimes,
  Budget,
  BudgetLimits,
  BudgetState,
  CompletionOptions,
  CompletionProgress,
  CompletionStage,
  EarlierAsking,
  Limiter,
  MemberProgress,
  ModelByRow,
  ModelProgress,
  Pool,
  PoolMember,
  PoolOptions,
  RateLimits,
  OnContext,
  Reuse,
  RowModel,
  EventOf,
  EventType,
  RunEvent,
} from "@parallel-parrot/transport";

export { listOf, objectOf, parseStream, text, vote } from "@parallel-parrot/parse";

export {
  crossStream,
  dedupeStream,
  explodeColumnStream,
  explodeStream,
  repeatStream,
  sampleStream,
  takeStream,
  unnestStream,
  whereStream,
} from "@parallel-parrot/tidy";
export type { ExplodeOptions } from "@parallel-parrot/tidy";

export {
  arrowSink,
  arrowSource,
  csvSink,
  csvSource,
  jsonlSink,
  jsonlSource,
  jsonSink,
  jsonSource,
  openDataset,
  openSink,
  openSource,
  openSplitSink,
  tsvSink,
  tsvSource,
  writeFinetuneFiles,
} from "@parallel-parrot/formats";
export type { Format, OnUnwritable, RowSink, RowSource, UnwritableRow } from "@parallel-parrot/formats";
