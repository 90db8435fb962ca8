import { ANTHROPIC, anthropic } from "./anthropic.ts";
import { AZURE_OPENAI, azureOpenAI } from "./azure-openai.ts";
import { BEDROCK, bedrock } from "./bedrock.ts";
import { COHERE, cohere } from "./cohere.ts";
import { DEEPSEEK, deepseek } from "./deepseek.ts";
import { FIREWORKS, fireworks } from "./fireworks.ts";
import { GEMINI, gemini } from "./gemini.ts";
import { GROQ, groq } from "./groq.ts";
import { LLAMA_CPP, llamaCpp } from "./llama-cpp.ts";
import { MISTRAL, mistral } from "./mistral.ts";
import { OLLAMA, ollama } from "./ollama.ts";
import { OPENAI, openai } from "./openai.ts";
import { anyServer, OPENAI_COMPATIBLE } from "./openai-compatible.ts";
import { OPENAI_RESPONSES, openaiResponses } from "./openai-responses.ts";
import { OPENROUTER, openrouter } from "./openrouter.ts";
import type { ProviderEntry } from "./provider-info.ts";
import { TOGETHER, together } from "./together.ts";
import { VERTEX, vertex } from "./vertex.ts";
import { VLLM, vllm } from "./vllm.ts";
import { XAI, xai } from "./xai.ts";

/** Every provider that can be chosen by name, in the order to show them. */
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
  { ...OPENAI_COMPATIBLE, create: anyServer },
];
