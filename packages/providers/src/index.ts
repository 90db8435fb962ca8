export { findPrice } from "./find-price.ts";
export { parseJson } from "./json-fields.ts";
export { isPromptError, PromptError } from "./prompt-error.ts";
export { anthropic } from "./anthropic.ts";
export { azureOpenAI } from "./azure-openai.ts";
export { bedrock } from "./bedrock.ts";
export { cohere } from "./cohere.ts";
export { deepseek } from "./deepseek.ts";
export { fireworks } from "./fireworks.ts";
export { fromLanguageModel } from "./from-language-model.ts";
export { functionProvider } from "./function-provider.ts";
export { gemini } from "./gemini.ts";
export { groq } from "./groq.ts";
export { llamaCpp } from "./llama-cpp.ts";
export { mistral } from "./mistral.ts";
export { ollama } from "./ollama.ts";
export { openai } from "./openai.ts";
export { openaiCompatible } from "./openai-compatible.ts";
export { openaiResponses } from "./openai-responses.ts";
export { openrouter } from "./openrouter.ts";
export { together } from "./together.ts";
export { vertex } from "./vertex.ts";
export { isVerdictError, VerdictError } from "./verdict-error.ts";
export { vllm } from "./vllm.ts";
export { xai } from "./xai.ts";
export { providers } from "./registry.ts";
export { headerOf, parseDurationMs, readRetryAfterMs } from "./retry-after.ts";
export { redact } from "./redact.ts";
export { secretOf, type Secret } from "./secret.ts";
export type { ListedPrice } from "./find-price.ts";
export type { AnthropicOptions } from "./anthropic.ts";
export type { AwsCredentials } from "./aws-credentials.ts";
export type { AzureOpenAIOptions } from "./azure-openai.ts";
export type { BedrockOptions } from "./bedrock.ts";
export type { CohereOptions } from "./cohere.ts";
export type { ContextSize } from "./context-size.ts";
export type { FunctionCompletion } from "./function-answer.ts";
export type { FunctionProviderOptions, FunctionRequest } from "./function-provider.ts";
export type { AiSdkLanguageModel, LanguageModelOptions } from "./from-language-model.ts";
export type { FunctionRejection } from "./verdict-error.ts";
export type { GeminiOptions } from "./gemini.ts";
export type { OllamaOptions } from "./ollama.ts";
export type { OpenAICompatibleOptions } from "./openai-compatible.ts";
export type { OpenAIOptions } from "./openai.ts";
export type { VertexOptions } from "./vertex.ts";
export type { ProviderOptions } from "./provider-options.ts";
export type { ProviderEntry, ProviderInfo } from "./provider-info.ts";
export type { Price, Rates } from "./price.ts";
export type {
  Amendment,
  Call,
  Capabilities,
  Estimate,
  GenerationParams,
  ImageSource,
  Provider,
  ProviderAnswer,
  ProviderRequest,
  ProviderResponse,
  ReasoningEffort,
  Rejection,
} from "./provider.ts";
export type { Charge, Dimension, LimitReading } from "@parallel-parrot/limiter";
