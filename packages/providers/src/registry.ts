import { AZURE_OPENAI, azureOpenAI } from "./azure-openai.ts";
import { DEEPSEEK, deepseek } from "./deepseek.ts";
import { FIREWORKS, fireworks } from "./fireworks.ts";
import { GROQ, groq } from "./groq.ts";
import { LLAMA_CPP, llamaCpp } from "./llama-cpp.ts";
import { MISTRAL, mistral } from "./mistral.ts";
import { OPENAI, openai } from "./openai.ts";
import { OPENAI_RESPONSES, openaiResponses } from "./openai-responses.ts";
import { OPENROUTER, openrouter } from "./openrouter.ts";
import type { ProviderEntry } from "./provider-info.ts";
import { TOGETHER, together } from "./together.ts";
import { VLLM, vllm } from "./vllm.ts";
import { XAI, xai } from "./xai.ts";

/** Every provider that can be chosen by name, in the order to show them. */
export const providers: readonly ProviderEntry[] = [
  { ...OPENAI, create: openai },
  { ...OPENAI_RESPONSES, create: openaiResponses },
  { ...AZURE_OPENAI, create: azureOpenAI },
  { ...MISTRAL, create: mistral },
  { ...GROQ, create: groq },
  { ...DEEPSEEK, create: deepseek },
  { ...XAI, create: xai },
  { ...TOGETHER, create: together },
  { ...FIREWORKS, create: fireworks },
  { ...OPENROUTER, create: openrouter },
  { ...VLLM, create: vllm },
  { ...LLAMA_CPP, create: llamaCpp },
];
