export { findPrice, pricedModels } from "./pricing/find-price.ts";
export { parseJson } from "./json-fields.ts";
export { isPromptError, PromptError } from "./request/prompt-error.ts";
export { anthropic } from "./anthropic/provider.ts";
export { azureOpenAI } from "./chat-completions/vendors/azure-openai.ts";
export { bedrock } from "./bedrock/provider.ts";
export { cohere } from "./cohere/provider.ts";
export { deepseek } from "./chat-completions/vendors/deepseek.ts";
export { fireworks } from "./chat-completions/vendors/fireworks.ts";
export { fromLanguageModel } from "./in-process/from-language-model.ts";
export { functionProvider } from "./in-process/function-provider.ts";
export { gemini } from "./gemini/provider.ts";
export { groq } from "./chat-completions/vendors/groq.ts";
export { llamaCpp } from "./chat-completions/vendors/llama-cpp.ts";
export { localLlama } from "./in-process/local-llama/provider.ts";
export { mistral } from "./chat-completions/vendors/mistral.ts";
export { ollama } from "./ollama/provider.ts";
export { openai } from "./chat-completions/vendors/openai.ts";
export { openaiCompatible } from "./chat-completions/vendors/openai-compatible.ts";
export { openaiResponses } from "./openai-responses/provider.ts";
export { openrouter } from "./chat-completions/vendors/openrouter.ts";
export { together } from "./chat-completions/vendors/together.ts";
export { vertex } from "./gemini/vertex.ts";
export { isVerdictError, VerdictError } from "./in-process/verdict-error.ts";
export { vllm } from "./chat-completions/vendors/vllm.ts";
export { xai } from "./chat-completions/vendors/xai.ts";
export { providers } from "./registry.ts";
export { headerOf, parseDurationMs, readRetryAfterMs } from "./limits/retry-after.ts";
export { isEventStream } from "./streaming/event-stream.ts";
export { redact } from "./secrets/redact.ts";
export { secretOf, secretOfHeader, type Secret } from "./secrets/secret.ts";
export type { ListedPrice } from "./pricing/find-price.ts";
export type { AnthropicOptions } from "./anthropic/provider.ts";
export type { AwsCredentials } from "./bedrock/aws-credentials.ts";
export type { FireworksOptions } from "./chat-completions/vendors/fireworks.ts";
export type { AzureOpenAIOptions } from "./chat-completions/vendors/azure-openai.ts";
export type { BedrockOptions } from "./bedrock/provider.ts";
export type { CohereOptions } from "./cohere/provider.ts";
export type { FunctionCompletion } from "./in-process/function-answer.ts";
export type { FunctionProviderOptions, FunctionRequest } from "./in-process/function-provider.ts";
export type { AiSdkLanguageModel, LanguageModelOptions } from "./in-process/from-language-model.ts";
export type { FunctionRejection } from "./in-process/verdict-error.ts";
export type { GeminiOptions } from "./gemini/provider.ts";
export type { LocalLlamaOptions } from "./in-process/local-llama/provider.ts";
export type { OllamaOptions } from "./ollama/provider.ts";
export type { OpenAICompatibleOptions } from "./chat-completions/vendors/openai-compatible.ts";
export type { OpenAIOptions } from "./chat-completions/vendors/openai.ts";
export type { VertexOptions } from "./gemini/vertex.ts";
export type { ProviderOptions } from "./provider-options.ts";
export type { ProviderEntry, ProviderInfo } from "./provider-info.ts";
export type { Price, Rates } from "./pricing/price.ts";
export type {
  BatchCreated,
  BatchCreation,
  BatchDialect,
  BatchFile,
  BatchFileListing,
  BatchJob,
  BatchJobSpec,
  BatchListing,
  BatchOutput,
  BatchReading,
  BatchRefusal,
  BatchRefusedLine,
  BatchRequest,
  BatchResult,
  BatchResultPage,
  BatchStep,
  BatchUpload,
  LinesBody,
} from "./batch/batch-dialect.ts";
export type { PromptCacheInfo } from "./prompt-cache/prompt-cache-info.ts";
export { queueLimitIn } from "./batch/queue-limit.ts";
export type { BatchInfo, BatchLimits, BatchPrice } from "./batch/batch-info.ts";
export type {
  Amendment,
  Call,
  Capabilities,
  Estimate,
  ImageSource,
  Provider,
  ProviderAnswer,
  ProviderRequest,
  ProviderResponse,
  Rejection,
  ServerCapacity,
  ContextSize,
  RefusedLimit,
} from "./provider.ts";
export { PARAM_NAMES, paramsNotSent, pickParams } from "./generation-params.ts";
export type { GenerationParams, ParamName, ReasoningEffort } from "./generation-params.ts";
export type { Charge, Dimension, LimitReading } from "@parallel-parrot/limiter";
