import { countOf, fieldsOf, parseJson } from "../json-fields.ts";
import type { ContextSize, ProviderResponse } from "../provider.ts";

/** Messages may repeat the prompt at their end, so only their beginning is read. */
const MAX_MESSAGE = 4000;

/** The most that is allowed. A comment names the servers that use the words below it. */
const ALLOWED: readonly RegExp[] = [
  // OpenAI, Azure, vLLM, DeepSeek, OpenRouter, xAI, Fireworks, SGLang
  /maximum (?:context|model|prompt) length(?: of| is|:)(?: only)? (\d+)/i,
  // Anthropic, Mistral
  /(?<!\d)(\d+) maximum/i,
  /context limit: \d+ \+ \d+ > (\d+)/i,
  // OpenAI
  /configured limit of (\d+)/i,
  // Gemini, Vertex AI
  /tokens allowed \((\d+)\)/i,
  /supports up to (\d+)/i,
  // llama.cpp, LM Studio, vLLM, SGLang
  /context size \((\d+)/i,
  /context length (?:of|is) only (\d+)/i,
  /context length \((\d+)/i,
  // Text Generation Inference, Together
  /(?:must be <=|must have less than) (\d+)/i,
  // Cohere
  /cannot exceed (\d+)/i,
  /limit for this model is (\d+)/i,
  // Qwen
  /input length should be \[\d+, (\d+)\]/i,
];

/** The tokens of prompt and answer together. */
const TOTAL: readonly RegExp[] = [
  /requested (?:about |a total of )?(\d+) tokens/i,
  /given: (\d+)(?! `inputs`)\b/i,
];

const PROMPT: readonly RegExp[] = [
  /messages resulted in (\d+)/i,
  /prompt is too long: (\d+)/i,
  /token count (?:\(|is )(\d+)/i,
  /context limit: (\d+) \+/i,
  /(?:request|input|prompt) \((?:length )?(\d+)/i,
  /(?:request|prompt) contains (\d+)/i,
  /(?:has|passed) (\d+) input tokens/i,
  /first (\d+) tokens when context/i,
  /received (\d+)/i,
  /given: (\d+) `inputs`/i,
];

const ANSWER: readonly RegExp[] = [
  /(?<!\d)(\d+) (?:tokens )?(?:in|for) the (?:completion|output)/i,
  /context limit: \d+ \+ (\d+)/i,
  /requested (\d+) output tokens/i,
  /and (\d+) `max_new_tokens`/i,
  /tokens' is too large: (\d+)/i,
];

const EXCESS: readonly RegExp[] = [/(?:exceeded|length) by (\d+)/i];

/** Reads what a refusal tells of a prompt that is too long: in words, or in fields as llama.cpp does. */
export function readContextSize(message: string, { body }: Pick<ProviderResponse, "body">): ContextSize {
  const error = fieldsOf(fieldsOf(parseJson(body))["error"]);
  const words = message.slice(0, MAX_MESSAGE).replaceAll(/(?<=\d),(?=\d{3}\b)/g, "");
  const answer = find(ANSWER, words);
  const total = find(TOTAL, words);
  const ofTotal = total === undefined ? undefined : total - (answer ?? 0);
  const told = {
    allowed: countOf(error["n_ctx"]) || find(ALLOWED, words),
    prompt: countOf(error["n_prompt_tokens"]) || (ofTotal ?? find(PROMPT, words)),
    answer,
    excess: find(EXCESS, words),
  };
  return Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined));
}

function find(patterns: readonly RegExp[], words: string): number | undefined {
  for (const pattern of patterns) {
    const digits = pattern.exec(words)?.[1];
    const count = countOf(digits);
    if (count > 0) return count;
  }
  return undefined;
}
