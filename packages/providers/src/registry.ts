import { ParrotError } from "@parallel-parrot/core";
import { ANTHROPIC, anthropic } from "./anthropic/provider.ts";
import { AZURE_OPENAI, azureOpenAI } from "./chat-completions/vendors/azure-openai.ts";
import { BEDROCK, bedrock } from "./bedrock/provider.ts";
import { COHERE, cohere } from "./cohere/provider.ts";
import { DEEPSEEK, deepseek } from "./chat-completions/vendors/deepseek.ts";
import { FIREWORKS, fireworks } from "./chat-completions/vendors/fireworks.ts";
import { GEMINI, gemini } from "./gemini/provider.ts";
import { GROQ, groq } from "./chat-completions/vendors/groq.ts";
import { LLAMA_CPP, llamaCpp } from "./chat-completions/vendors/llama-cpp.ts";
import { LOCAL_LLAMA, localLlama } from "./in-process/local-llama/provider.ts";
import { MISTRAL, mistral } from "./chat-completions/vendors/mistral.ts";
import { OLLAMA, ollama } from "./ollama/provider.ts";
import { OPENAI, openai } from "./chat-completions/vendors/openai.ts";
import { anyServer, OPENAI_COMPATIBLE } from "./chat-completions/vendors/openai-compatible.ts";
import { OPENAI_RESPONSES, openaiResponses } from "./openai-responses/provider.ts";
import { OPENROUTER, openrouter } from "./chat-completions/vendors/openrouter.ts";
import type { ProviderEntry } from "./provider-info.ts";
import type { Provider } from "./provider.ts";
import type { ProviderOptions } from "./provider-options.ts";
import { TOGETHER, together } from "./chat-completions/vendors/together.ts";
import { VERTEX, vertex } from "./gemini/vertex.ts";
import { VLLM, vllm } from "./chat-completions/vendors/vllm.ts";
import { XAI, xai } from "./chat-completions/vendors/xai.ts";

/** Every provider that can be chosen by name, in the order in which they are shown. */
export const providers: readonly ProviderEntry[] = [
  { ...OPENAI, create: openai },
  { ...OPENAI_RESPONSES, create: openaiResponses },
  { ...AZURE_OPENAI, create: azureOpenAI },
  { ...ANTHROPIC, create: anthropic },
  { ...GEMINI, create: gemini },
  { ...VERTEX, create: vertex },
  { ...BEDROCK, create: bedrock },
  { ...COHERE, create: cohere },
  { ...MISTRAL, create: mistral },
  { ...GROQ, create: groq },
  { ...DEEPSEEK, create: deepseek },
  { ...XAI, create: xai },
  { ...TOGETHER, create: together },
  { ...FIREWORKS, create: fireworks },
  { ...OPENROUTER, create: openrouter },
  { ...OLLAMA, create: ollama },
  { ...VLLM, create: vllm },
  { ...LLAMA_CPP, create: llamaCpp },
  { ...LOCAL_LLAMA, create: createLocal },
  { ...OPENAI_COMPATIBLE, create: anyServer },
];

function createLocal(options: ProviderOptions): Provider {
  const { model, apiKey: _, ...others } = options;
  const option = Object.entries(others).find(([, value]) => isSet(value))?.[0];
  if (option === undefined) return localLlama({ model });
  throw new ParrotError(
    "INVALID_OPTION",
    `Cannot use the option ${option} for a model in this process: it has no server`,
    { option },
  );
}

/** Whether an option says anything: no header is none. */
function isSet(value: unknown): boolean {
  return typeof value === "object" && value !== null ? Object.keys(value).length > 0 : value !== undefined;
}
